import { isLoopback } from "./is-loopback.js";

/**
 * Says why something must not be asked for at an address without TLS, as the rest of a sentence about its setting: keys, and whatever
 * nobody may change on its way, travel over TLS, or inside this machine, and nowhere else.
 *
 * @param because why: the sentence goes on with it, as in `the key is sent there`
 * @returns undefined where the address may be used
 */
export function explainInsecureUrl(address: string, because: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return "must be an address that starts with https://";
  }
  return url.protocol === "https:" || isLoopback(url)
    ? undefined
    : `must start with https://, because ${because}; http:// is for this machine only (127.0.0.1, [::1], localhost)`;
}
