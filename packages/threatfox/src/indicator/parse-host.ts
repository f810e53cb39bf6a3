import { isIPv4, isIPv6 } from "node:net";
import { parseURL, serializeHost, type URLRecord } from "whatwg-url";
import { readPlainDomain, readPlainUrl } from "./plain-url.js";

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
 * IPv6 comes out in the notation of RFC 5952, an IPv4-mapped address as the IPv4 address that it stands for; a domain in lower case, as
 * punycode and without the trailing dot. Labels hold letters, digits, hyphens and, as in `_dmarc`, underscores.
 *
 * @returns undefined for any other text
 */
export function parseHost(text: string): Host | undefined {
  const trimmed = text.trim();
  const plain = readPlainDomain(trimmed);
  if (plain !== undefined) {
    return { host: plain, ip_version: null };
  }
  if (isIPv4(trimmed)) {
    return { host: trimmed, ip_version: 4 };
  }
  if (isIPv6(trimmed)) {
    const address = readUrl(`http://[${trimmed}]/`)?.host;
    return Array.isArray(address) ? readIPv6(address) : undefined;
  }
  if (notInADomain.test(trimmed)) {
    return undefined;
  }
  const name = readUrl(`http://${trimmed}/`)?.host;
  // `1.2.3` and `0x7f.1` are IPv4 addresses to a URL parser. As a domain they are malformed.
  return typeof name === "string" ? checkDomain(name.replace(/\.$/, "")) : undefined;
}

/** The host of a URL; undefined if it has none, or one that is neither an IP address nor a domain name. */
export function hostOfUrl({ host }: URLRecord): Host | undefined {
  if (typeof host === "number") {
    return { host: serializeHost(host), ip_version: 4 };
  }
  if (Array.isArray(host)) {
    return readIPv6(host);
  }
  return host === null ? undefined : parseHost(decode(host));
}

type IPv6 = Extract<URLRecord["host"], readonly number[]>;

function readIPv6(address: IPv6): Host {
  const [, , , , , , high, low] = address;
  return isMapped(address)
    ? { host: serializeHost(high * 0x1_0000 + low), ip_version: 4 }
    : { host: serializeHost(address).slice(1, -1), ip_version: 6 };
}

/** RFC 4291, section 2.5.5.2: `::ffff:203.0.113.5`. */
function isMapped([first, second, third, fourth, fifth, sixth]: IPv6): boolean {
  return [first, second, third, fourth, fifth].every((part) => part === 0) && sixth === 0xffff;
}

// Where the scheme is none that the URL standard knows, a host in Unicode comes out of it percent-encoded.
function decode(hostname: string): string {
  try {
    return decodeURIComponent(hostname);
  } catch {
    return hostname;
  }
}

function checkDomain(name: string): Host | undefined {
  const isWellFormed = name.length <= 253 && name.split(".").every(isLabel);
  return isWellFormed ? { host: name, ip_version: null } : undefined;
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/u.test(text);
}

/** No host name is longer than 253 characters; the time to write one in punycode grows with the square of its length. */
const longestAuthority = 1_000;

/**
 * Reads a URL as the URL standard says, with the same outcome on every Node: Node's own parser takes hosts for valid in one version and not in
 * another.
 *
 * @returns undefined if the text is not a URL, or the part before its path is longer than 1,000 characters
 */
export function readUrl(text: string): URLRecord | undefined {
  const plain = readPlainUrl(text);
  if (plain !== undefined) {
    return plain;
  }
  const [, authority = ""] = /^[^:/?#\\]*:[/\\]*([^/?#\\]*)/u.exec(text) ?? [];
  return authority.length > longestAuthority ? undefined : (parseURL(text) ?? undefined);
}

/** Reads a port from 1 to 65535, in decimal digits. */
export function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) {
    return undefined;
  }
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
