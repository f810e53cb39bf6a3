import { isIPv6 } from "node:net";

/** What an IOC points at, taken apart so that it can be looked up. */
export interface Indicator {
  /** ThreatFox's `ioc_type` as given; null if the record has none. */
  readonly type: string | null;
  /** The IOC in one spelling (case, punycode, IPv6 notation); as given if it is malformed or of an unknown type. */
  readonly value: string;
  /** The IP address or domain name in it: query this field to find a host. */
  readonly host: string | null;
  readonly port: number | null;
  readonly ip_version: 4 | 6 | null;
  /** The domain name in `host` as `reverseDomain` spells it: everything below a domain begins with the same text. */
  readonly reversed_domain?: string;
  /** The IP address in `host` as `sortableAddress` spells it: a network is a range of it. */
  readonly address?: string;
  /** The path of a URL, from the first `/`, without query and fragment. */
  readonly path?: string;
  /** A name of STIX 2.1's vocabulary `hash-algorithm-ov`, or a name of the same form if the vocabulary has none. */
  readonly hash_algorithm: string | null;
  /** One sentence on why the IOC is not what its type says. Such an IOC has no STIX pattern. */
  readonly problem?: string;
}

/** An indicator without host, port or hash algorithm. */
export function plainIndicator(type: string | null, value: string, problem?: string): Indicator {
  return {
    type,
    value,
    host: null,
    port: null,
    ip_version: null,
    hash_algorithm: null,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Writes an indicator so that no program turns it into a link: `hxxp`, `[.]`, `[:]`. Hashes stay as they are. */
export function defang(indicator: Indicator): string {
  const { value, hash_algorithm } = indicator;
  if (hash_algorithm !== null) {
    return value;
  }
  // Browsers skip more slashes before the host.
  const url = /^([a-z][a-z0-9+.-]*):\/\/([/\\]*[^/?#]*)(.*)$/isu.exec(value);
  if (url === null) {
    return defangHost(value);
  }
  const [, scheme = "", authority = "", rest = ""] = url;
  return `${defangScheme(scheme)}${defangHost(authority)}${rest}`;
}

function defangScheme(scheme: string): string {
  const broken = scheme.replace(/^http/iu, "hxxp").replace(/^ftp/iu, "fxp");
  return broken === scheme ? `${scheme}[:]//` : `${broken}://`;
}

function defangHost(text: string): string {
  return text
    .replace(/\[([^[\]]*)\]/u, (whole, inside: string) =>
      isIPv6(inside) ? `[${defangIPv6(inside)}]` : whole,
    )
    .replace(/^\S+$/u, (whole) => (isIPv6(whole) ? defangIPv6(whole) : whole))
    .replaceAll(/(?<!\[)\.(?!\])/gu, "[.]");
}

function defangIPv6(address: string): string {
  return address.replaceAll(":", "[:]");
}

/**
 * How the pattern of an `ip:port` is written:
 *
 * - `full`: address and port. ThreatFox reports only that port, and an address can be shared.
 * - `simple`: the address alone, for programs that read one comparison and no `AND`.
 *
 * All other patterns are one comparison in any case.
 */
export const patternStyles = ["full", "simple"] as const;
export type PatternStyle = (typeof patternStyles)[number];

/**
 * The STIX 2.1 pattern (part 9 of the specification) that finds this indicator, in the style `full`; null if the type is
 * unknown or the IOC malformed.
 *
 * The pattern of an `ip:port` has no `dst_ref.type`: the address tells its type, and stix-shifter cannot translate it.
 */
export function buildStixPattern(indicator: Indicator): string | null {
  if (indicator.problem !== undefined) {
    return null;
  }
  switch (indicator.type) {
    case "ip:port":
      return buildAddressPattern(indicator);
    case "domain":
      return compare("domain-name:value", indicator.value);
    case "url":
      return compare("url:value", indicator.value);
    case "envelope_from":
    case "body_from":
      return compare("email-addr:value", indicator.value);
    default:
      return buildHashPattern(indicator);
  }
}

function buildHashPattern({ hash_algorithm, value }: Indicator): string | null {
  switch (hash_algorithm) {
    case null:
      return null;
    case "IMPHASH":
      // A hash of what a program imports and not of the file: section 6.7.6 has a place of its own for it.
      return compare("file:extensions.'windows-pebinary-ext'.imphash", value);
    default:
      return compare(`file:hashes.${quote(hash_algorithm)}`, value);
  }
}

function buildAddressPattern({ host, port }: Indicator): string | null {
  if (host === null) {
    return null;
  }
  if (port === null) {
    return buildSimpleAddressPattern(host);
  }
  return `[network-traffic:dst_ref.value = ${quote(host)} AND network-traffic:dst_port = ${port}]`;
}

/** The pattern of an IP address, whatever the port. */
export function buildSimpleAddressPattern(address: string): string {
  return compare(isIPv6(address) ? "ipv6-addr:value" : "ipv4-addr:value", address);
}

function compare(path: string, value: string): string {
  return `[${path} = ${quote(value)}]`;
}

// A string literal knows two escapes: \\ and \'.
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/gu, "\\$&")}'`;
}
