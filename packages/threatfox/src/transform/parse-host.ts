import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** An IP address or a domain name in one spelling. */
export interface Host {
  readonly host: string;
  /** null: a domain name. */
  readonly ip_version: 4 | 6 | null;
}

// What a URL parser would cut off, decode or take for another part of a URL (WHATWG URL, "forbidden domain code point").
const notInADomain = /[\s\p{Cc}#%/:<>?@[\\\]^|]/u;

/**
 * Reads an IPv4 address, an IPv6 address without brackets, or a domain name.
 *
 * IPv6 comes out as in RFC 5952; a domain in lower case, as punycode and without the trailing dot. Labels hold letters,
 * digits, hyphens and, as in `_dmarc`, underscores.
 *
 * @returns undefined where the text is none of these
 */
export function parseHost(text: string): Host | undefined {
  const trimmed = text.trim();
  if (isIPv4(trimmed)) {
    return { host: trimmed, ip_version: 4 };
  }
  if (isIPv6(trimmed)) {
    const host = writeIPv6(trimmed);
    return host === undefined ? undefined : { host, ip_version: 6 };
  }
  if (notInADomain.test(trimmed)) {
    return undefined;
  }
  const ascii = domainToASCII(trimmed).replace(/\.$/, "");
  // `1.2.3` and `0x7f.1` are IPv4 addresses to a URL parser. As a domain they are malformed.
  const wellFormed = ascii.length <= 253 && !isIPv4(ascii) && ascii.split(".").every(isLabel);
  return wellFormed ? { host: ascii, ip_version: null } : undefined;
}

function writeIPv6(address: string): string | undefined {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/u.test(text);
}
