import type { Indicator } from "./indicator.js";

/**
 * The STIX 2.1 pattern (part 9 of the specification) that finds this indicator; null where the type is unknown or the
 * IOC malformed.
 *
 * An `ip:port` becomes a comparison of `network-traffic` with address and port, as MISP writes it: ThreatFox vouches
 * for that port only, and an address can be shared. OpenCTI's connector drops the port; whoever wants that has
 * `enriched.indicator.host`.
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

function buildAddressPattern({ host, port, ip_version }: Indicator): string | null {
  if (host === null) {
    return null;
  }
  const type = ip_version === 6 ? "ipv6-addr" : "ipv4-addr";
  if (port === null) {
    return compare(`${type}:value`, host);
  }
  const address = `network-traffic:dst_ref.type = ${quote(type)} AND network-traffic:dst_ref.value = ${quote(host)}`;
  return `[${address} AND network-traffic:dst_port = ${port}]`;
}

function compare(path: string, value: string): string {
  return `[${path} = ${quote(value)}]`;
}

// A string literal knows two escapes: \\ and \'.
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/gu, "\\$&")}'`;
}
