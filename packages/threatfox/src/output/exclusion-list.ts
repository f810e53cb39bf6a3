import { z } from "zod";
import { type Address, type Network, parseAddress, parseNetwork } from "../indicator/address.js";
import { parseHost } from "../indicator/parse-host.js";

/** A line of an exclusion list is invalid. */
export class ExclusionListError extends Error {
  override readonly name = "ExclusionListError";
}

export interface ExclusionSource {
  /** The name of the file, for errors. */
  readonly name: string;
  readonly text: string;
}

/** Hosts to leave out of exports. */
export interface ExclusionList {
  /** Whether a document of the IOC collection points at one of them. One that cannot be read never does. */
  excludes(document: unknown): boolean;
}

const documentWithHost = z.object({
  enriched: z.object({ indicator: z.object({ host: z.string().nullable(), value: z.string() }) }),
});

/**
 * Reads lists of IP addresses, networks in CIDR notation and domains, one a line. A domain stands for everything below it, too,
 * with or without `*.` or a dot before it. What follows a `#` is a comment.
 *
 * @throws ExclusionListError naming source and line
 */
export function parseExclusionLists(sources: readonly ExclusionSource[]): ExclusionList {
  const domains = new Set<string>();
  const networks = createNetworkSet();
  for (const { name, text } of sources) {
    for (const [index, line] of text
      .replace(/^\uFEFF/u, "")
      .split(/\r\n|\r|\n/u)
      .entries()) {
      const entry = line.replace(/(?:^|\s)#.*$/su, "").trim();
      const network = parseNetwork(entry);
      const domain = parseDomain(entry);
      if (network !== undefined) {
        networks.add(network);
      } else if (domain !== undefined) {
        domains.add(domain);
      } else if (entry !== "") {
        throw new ExclusionListError(
          `${name}, line ${index + 1}: ${JSON.stringify(entry.slice(0, 80))} is not an IP address, a network such as 192.0.2.0/24 or 2001:db8::/32, or a domain such as example.com. One entry a line; comments start with #.`,
        );
      }
    }
  }
  return {
    excludes(document) {
      const parsed = documentWithHost.safeParse(document);
      if (!parsed.success) {
        return false;
      }
      const { host, value } = parsed.data.enriched.indicator;
      const address = parseAddress(host ?? value);
      if (address !== undefined) {
        return networks.has(address);
      }
      return host !== null && suffixesOf(host).some((name) => domains.has(name));
    },
  };
}

function parseDomain(entry: string): string | undefined {
  const host = parseHost(entry.replace(/^(?:\*\.|\.)/u, ""));
  return host?.ip_version === null ? host.host : undefined;
}

/** `a.b.example`, `b.example`, `example`. */
function suffixesOf(name: string): readonly string[] {
  const labels = name.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

/** Looks an address up by its leading bits, so that the size of the list does not matter. */
function createNetworkSet() {
  const prefixes = new Set<string>();
  const lengths = new Set<number>();
  return {
    add({ address, prefixLength }: Network): void {
      prefixes.add(prefixOf(address, prefixLength));
      lengths.add(prefixLength);
    },
    has(address: Address): boolean {
      return [...lengths].some((length) => prefixes.has(prefixOf(address, length)));
    },
  };
}

function prefixOf(address: Address, length: number): string {
  const bits = address.toByteArray().map((byte) => byte.toString(2).padStart(8, "0"));
  return `${address.kind()} ${bits.join("").slice(0, length)}`;
}
