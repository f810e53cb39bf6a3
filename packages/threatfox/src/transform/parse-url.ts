import { type Indicator, plainIndicator } from "./indicator.js";
import { type Host, parseHost } from "./parse-host.js";

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "ftp:": 21 };

/**
 * Reads an IOC of type `url`.
 *
 * Scheme and host come out in one spelling; user name, path, query and fragment stay byte for byte, because they are
 * what a detection compares. The port is the scheme's default where none is given.
 */
export function parseUrl(type: string, text: string): Indicator {
  const value = text.trim();
  if (!URL.canParse(value)) {
    return plainIndicator(type, value, "not a URL");
  }
  const url = new URL(value);
  const host = readHost(url.hostname);
  if (host === undefined) {
    return plainIndicator(type, value, "the URL names no host");
  }
  return {
    ...plainIndicator(type, respell(value, url, host)),
    ...host,
    port: url.port === "" ? (defaultPorts[url.protocol] ?? null) : Number(url.port),
    path: url.pathname,
  };
}

function readHost(hostname: string): Host | undefined {
  return parseHost(/^\[.*\]$/u.test(hostname) ? hostname.slice(1, -1) : decode(hostname));
}

// Where the scheme is none that the URL standard knows, a host in Unicode comes out of it percent-encoded.
function decode(hostname: string): string {
  try {
    return decodeURIComponent(hostname);
  } catch {
    return hostname;
  }
}

function respell(given: string, url: URL, { host, ip_version }: Host): string {
  const parts = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)(.*)$/isu.exec(given);
  if (parts === null) {
    return given;
  }
  const [, authority = "", rest = ""] = parts;
  const userInfo = authority.slice(0, authority.lastIndexOf("@") + 1);
  const name = ip_version === 6 ? `[${host}]` : host;
  const port = url.port === "" ? "" : `:${url.port}`;
  const respelled = `${url.protocol}//${userInfo}${name}${port}${rest}`;
  return isSamePlace(respelled, url, host) ? respelled : given;
}

// A URL parser forgives what the pattern above does not know of: `http:///host`, line breaks in the middle.
function isSamePlace(respelled: string, url: URL, host: string): boolean {
  if (!URL.canParse(respelled)) {
    return false;
  }
  const again = new URL(respelled);
  return (
    readHost(again.hostname)?.host === host &&
    again.pathname === url.pathname &&
    again.search === url.search &&
    again.hash === url.hash
  );
}
