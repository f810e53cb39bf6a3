import { isIPv4, isIPv6 } from "node:net";
import { sortableAddress } from "./address.js";
import { type Indicator, plainIndicator } from "./indicator.js";
import { parseHash } from "./parse-hash.js";
import { hostOfUrl, parseHost, parsePort, readUrl } from "./parse-host.js";
import { parseUrl } from "./parse-url.js";
import { reverseLabels } from "./reverse-domain.js";

const parsers: ReadonlyMap<string, (type: string, ioc: string) => Indicator> = new Map([
  ["ip:port", parseIpPort],
  ["domain", parseDomain],
  ["url", parseUrl],
  ["envelope_from", parseEmail],
  ["body_from", parseEmail],
]);

/** The types of IOC that ThreatFox's API lists. Others, such as the other hashes that `parseHash` reads, may come. */
export const iocTypes: readonly string[] = [
  ...parsers.keys(),
  ...["md5_hash", "sha1_hash", "sha256_hash", "sha3_384_hash"],
];

/**
 * Takes an IOC apart by its type. Never throws; a type that is not known keeps its value as given. If an IOC does not
 * match its type, the result has a `problem`, and the host that the IOC names.
 *
 * @param type ThreatFox's `ioc_type`
 * @param ioc the IOC as received
 */
export function parseIndicator(type: string | null, ioc: string): Indicator {
  const parse = type === null ? undefined : parsers.get(type);
  if (type === null || parse === undefined) {
    return parseHash(type, ioc);
  }
  const indicator = parse(type, ioc);
  const isWithoutHost = indicator.problem !== undefined && indicator.host === null;
  const found = isWithoutHost ? { ...indicator, ...findHost(ioc) } : indicator;
  return { ...found, ...spellForSearch(found) };
}

/** The host once more, so that an index finds domains below one, and addresses in a network. */
function spellForSearch({
  host,
  ip_version,
}: Pick<Indicator, "host" | "ip_version">): Pick<Indicator, "reversed_domain" | "address"> {
  if (host === null) {
    return {};
  }
  const address = ip_version === null ? undefined : sortableAddress(host);
  return address === undefined ? { reversed_domain: reverseLabels(host) } : { address };
}

/**
 * Reads an IOC of type `ip:port`: IPv4 or IPv6, the latter in brackets or bare, with or without a port.
 *
 * A bare IPv6 address that ends in a decimal group can be read in two ways: `2001:db8::1:443` is an address, and
 * also port 443 of `2001:db8::1`. The type promises a port, so the last group is the port wherever what stands
 * before it is an address.
 */
export function parseIpPort(type: string, text: string): Indicator {
  const { address, port } = splitAddressFromPort(text.trim());
  const host = parseHost(address);
  if (host === undefined) {
    return plainIndicator(type, text.trim(), "there is no IP address or host name before the port");
  }
  const number = port === undefined ? undefined : parsePort(port);
  const problem = findProblem(host.ip_version, port, number);
  return {
    ...plainIndicator(type, problem === undefined ? write(host, number) : text.trim(), problem),
    ...host,
    port: number ?? null,
  };
}

interface AddressAndPort {
  readonly address: string;
  /** undefined: none is given. */
  readonly port?: string;
}

function splitAddressFromPort(text: string): AddressAndPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/su.exec(text);
  if (bracketed !== null) {
    return withPort(isIPv6(bracketed[1] ?? "") ? (bracketed[1] ?? "") : text, bracketed[2]);
  }
  const colon = text.lastIndexOf(":");
  const [before, after] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon === -1) {
    return { address: text };
  }
  const isBareIPv6 = isIPv6(text) && !(isIPv6(before) && parsePort(after) !== undefined);
  return isBareIPv6 ? { address: text } : { address: before, port: after };
}

function withPort(address: string, port: string | undefined): AddressAndPort {
  return port === undefined ? { address } : { address, port };
}

function findProblem(
  version: 4 | 6 | null,
  port: string | undefined,
  number: number | undefined,
): string | undefined {
  if (version === null) {
    return "the host is a name, not an IP address";
  }
  return port !== undefined && number === undefined ? "the port is not a number from 1 to 65535" : undefined;
}

function write({ host }: { readonly host: string }, port: number | undefined): string {
  if (port === undefined) {
    return host;
  }
  return isIPv4(host) ? `${host}:${port}` : `[${host}]:${port}`;
}

/** Reads an IOC of type `domain`: lower case, punycode, no trailing dot, at least two labels. */
export function parseDomain(type: string, text: string): Indicator {
  const host = parseHost(text);
  if (host === undefined) {
    return plainIndicator(type, text.trim(), "not a domain name");
  }
  if (host.ip_version === null && !host.host.includes(".")) {
    return plainIndicator(type, text.trim(), "a single label, not a domain name");
  }
  const problem = host.ip_version === null ? undefined : "an IP address, not a domain name";
  return { ...plainIndicator(type, host.host, problem), ...host };
}

/** Reads an e-mail address. The domain comes out in one spelling; the part before `@` can be case-sensitive and stays. */
export function parseEmail(type: string, text: string): Indicator {
  const value = text.trim();
  const at = value.lastIndexOf("@");
  const local = value.slice(0, Math.max(at, 0));
  const host = parseHost(value.slice(at + 1));
  if (!isLocalPart(local) || host === undefined || host.ip_version !== null) {
    return plainIndicator(type, value, "not an e-mail address");
  }
  return { ...plainIndicator(type, `${local}@${host.host}`), ...host };
}

// RFC 5321, 4.5.3.1.3: no mail server has to pass on more.
const longestPath = 256;

/** Not the whole grammar of RFC 5322, but no second `@` outside quotation marks, and nothing that ends an address. */
function isLocalPart(text: string): boolean {
  return (
    text.length <= longestPath && /^(?:[^@"]|"(?:[^"\\]|\\.)*")+$/u.test(text) && !/[\s\p{Cc}<>]/u.test(text)
  );
}

/** The host in an IOC that does not match its type. */
export type Place = Pick<Indicator, "host" | "ip_version" | "port">;

/**
 * Finds the host in an IOC of the wrong form, so that it can be looked up: a domain written as `evil.example:443`,
 * `evil.example/path` or `http://evil.example`, a URL without a scheme.
 *
 * @returns undefined if there is no IP address and no domain name of two labels or more
 */
export function findHost(text: string): Place | undefined {
  const rest = text.trim().replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//iu, "");
  const url = readUrl(`http://${rest}`);
  const found = url === undefined ? undefined : hostOfUrl(url);
  if (found === undefined || (found.ip_version === null && !found.host.includes("."))) {
    return undefined;
  }
  const [, port = ""] = /^[^/?#\\]*:(\d+)(?:[/?#\\]|$)/u.exec(rest) ?? [];
  return { ...found, port: parsePort(port) ?? null };
}
