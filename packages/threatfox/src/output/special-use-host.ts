import ipaddr from "ipaddr.js";
import { type Address, parseAddress } from "../indicator/address.js";

/** What a host is that has no place of its own on the Internet. */
export type SpecialUse = "address" | "name";

/**
 * Top-level names of local networks: the special-use domain names of RFC 6761 and RFC 6762 with its appendix G, `internal`,
 * `home`, `corp` and `mail`, which ICANN keeps out of the root, and `localdomain`, the default of many systems.
 */
const localTopLevels: ReadonlySet<string> = new Set([
  ...["localhost", "localdomain", "local", "test", "invalid"],
  ...["internal", "intranet", "private", "corp", "home", "lan", "mail"],
]);

/** IANA assigns global unicast addresses from here only. The rest is special-purpose or unassigned. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Finds out whether blocking a host would block the reader's own network, or what every network needs: an address of IANA's
 * special-purpose registries (private, shared, link-local, multicast, documentation …), or a name of a local network. An
 * IPv4-mapped address is judged as the IPv4 address.
 *
 * Names for documentation (`example.com`) are no special use: no network has them.
 *
 * @param host an IP address without brackets, or a domain name as `parseHost` writes it
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 * @see https://www.iana.org/assignments/special-use-domain-names/
 */
export function findSpecialUse(host: string): SpecialUse | undefined {
  const address = parseAddress(host);
  if (address !== undefined) {
    return isSpecialAddress(address) ? "address" : undefined;
  }
  return isLocalName(host) ? "name" : undefined;
}

function isSpecialAddress(address: Address): boolean {
  const isOutside = address instanceof ipaddr.IPv6 && !address.match(globalUnicast);
  return isOutside || address.range() !== "unicast";
}

function isLocalName(name: string): boolean {
  const labels = name.split(".");
  const topLevel = labels.at(-1) ?? "";
  if (labels.length === 1 || localTopLevels.has(topLevel)) {
    return true;
  }
  return topLevel === "arpa" && !isReverseNameOfPublicAddress(labels);
}

/** All else below `arpa`, as `home.arpa` and `ipv4only.arpa`, belongs to local networks or to the Internet's protocols. */
function isReverseNameOfPublicAddress(labels: readonly string[]): boolean {
  const address = parseAddress(addressOfReverseName(labels) ?? "");
  return address !== undefined && !isSpecialAddress(address);
}

/** The address of `5.113.0.203.in-addr.arpa`; of a whole network, such as `10.in-addr.arpa`, the first one. */
function addressOfReverseName(labels: readonly string[]): string | undefined {
  const isIPv6 = labels.at(-2) === "ip6";
  if (!isIPv6 && labels.at(-2) !== "in-addr") {
    return undefined;
  }
  const reversed = labels.slice(0, -2).reverse();
  const length = isIPv6 ? 32 : 4;
  const end = reversed.findIndex((label) => !(isIPv6 ? /^[0-9a-f]$/u : /^\d{1,3}$/u).test(label));
  const parts = reversed.slice(0, Math.min(length, end === -1 ? reversed.length : end));
  const padded = [...parts, ...Array.from({ length: length - parts.length }, () => "0")];
  return isIPv6 ? padded.join("").match(/.{4}/gu)?.join(":") : padded.join(".");
}
