import { parseURL, type URLRecord } from "whatwg-url";

/** No host name is longer than 253 characters; the time to write one in punycode grows with the square of its length. */
const longestAuthority = 1_000;

/**
 * Reads a URL as the URL standard says, with the same outcome on every Node: Node's own parser takes hosts for valid in one version and not in
 * another.
 *
 * @returns undefined where the text is no URL, or what stands before its path is longer than 1,000 characters
 */
export function readUrl(text: string): URLRecord | undefined {
  const [, authority = ""] = /^[^:/?#\\]*:[/\\]*([^/?#\\]*)/u.exec(text) ?? [];
  return authority.length > longestAuthority ? undefined : (parseURL(text) ?? undefined);
}
