import { isDeepStrictEqual } from "node:util";
import { serializePath, type URLRecord } from "whatwg-url";
import { type Indicator, plainIndicator } from "./indicator.js";
import { type Host, hostOfUrl, readUrl } from "./parse-host.js";

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["ftp", 21],
]);

/**
 * Reads an IOC of type `url`.
 *
 * Scheme and host come out in one spelling; user name, path, query and fragment stay byte for byte, because they are
 * what a detection compares. The port is the scheme's default where none is given.
 */
export function parseUrl(type: string, text: string): Indicator {
  const value = text.trim();
  const url = readUrl(value);
  if (url === undefined) {
    return plainIndicator(type, value, "not a URL");
  }
  const host = hostOfUrl(url);
  if (host === undefined) {
    return plainIndicator(type, value, "the URL names no host");
  }
  return {
    ...plainIndicator(type, respell(value, url, host)),
    ...host,
    port: url.port ?? defaultPorts.get(url.scheme) ?? null,
    path: serializePath(url),
  };
}

function respell(given: string, url: URLRecord, host: Host): string {
  const parts = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)(.*)$/isu.exec(given);
  if (parts === null) {
    return given;
  }
  const [, authority = "", rest = ""] = parts;
  const userInfo = authority.slice(0, authority.lastIndexOf("@") + 1);
  const port = url.port === null ? "" : `:${url.port}`;
  const respelled = `${url.scheme}://${userInfo}${writeHost(url, host)}${port}${rest}`;
  return respelled === given || isSamePlace(respelled, url, host) ? respelled : given;
}

/** RFC 5952, section 5: an IPv4-mapped address ends in the notation of IPv4. */
function writeHost(url: URLRecord, { host, ip_version }: Host): string {
  const isMapped = Array.isArray(url.host) && ip_version === 4;
  return isMapped ? `[::ffff:${host}]` : ip_version === 6 ? `[${host}]` : host;
}

// A URL parser forgives what the pattern above does not know of: `http:///host`, line breaks in the middle.
function isSamePlace(respelled: string, url: URLRecord, host: Host): boolean {
  const again = readUrl(respelled);
  return (
    again !== undefined &&
    isDeepStrictEqual(hostOfUrl(again), host) &&
    serializePath(again) === serializePath(url) &&
    again.query === url.query &&
    again.fragment === url.fragment
  );
}
