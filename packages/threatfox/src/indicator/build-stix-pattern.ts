import { isIPv6 } from "node:net";
import type { Indicator } from "./indicator.js";

/**
 * How the pattern of an `ip:port` is written:
 *
 * - `full`: address and port. ThreatFox vouches for that port only, and an address can be shared.
 * - `simple`: the address alone, for programs that read one comparison and no `AND`.
 *
 * All other patterns are one comparison in any case.
 */
export const patternStyles = ["full", "simple"] as const;
export type PatternStyle = (typeof patternStyles)[number];

/**
 * The STIX 2.1 pattern (part 9 of the specification) that finds this indicator, in the style `full`; null where the type is
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
