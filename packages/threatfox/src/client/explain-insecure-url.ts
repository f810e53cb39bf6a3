import { isLoopback } from "@cti-connectors/core";

/**
 * Says why a key must not be sent to an address, as the rest of a sentence about `API_URL`. A key travels over TLS, or to
 * this machine, and nowhere else.
 *
 * @returns undefined where it may be sent there
 */
export function explainInsecureUrl(apiUrl: string): string | undefined {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return "must be an address that starts with https://";
  }
  return url.protocol === "https:" || isLoopback(url)
    ? undefined
    : "must start with https://, because the key is sent there; http:// is for this machine only (127.0.0.1, [::1], localhost)";
}
