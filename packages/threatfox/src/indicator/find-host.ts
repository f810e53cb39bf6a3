import type { Indicator } from "./indicator.js";
import { hostOfUrl } from "./parse-host.js";
import { parsePort } from "./parse-port.js";
import { readUrl } from "./read-url.js";

/** Where an IOC points at, though it is not written as its type wants it. */
export type Place = Pick<Indicator, "host" | "ip_version" | "port">;

/**
 * Finds the host in an IOC of the wrong form, so that it can be looked up all the same: a domain written as `evil.example:443`,
 * `evil.example/path` or `http://evil.example`, a URL without a scheme.
 *
 * @returns undefined where there is no IP address and no domain name of two labels or more
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
