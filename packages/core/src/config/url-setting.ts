import { z } from "zod";

/** A setting that holds the address of an upstream: http or https, without user name and password. */
export function urlSetting() {
  const error = "must be an address that starts with http:// or https://";
  return z
    .string({ error })
    .refine((text) => ["http:", "https:"].includes(protocolOf(text)), { error })
    .pipe(
      z.string().refine((text) => new URL(text).username === "" && new URL(text).password === "", {
        error: "must not contain a user name or password",
      }),
    );
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : "";
}

/**
 * Explains why an address without TLS must not be used, as the rest of a sentence about its setting: keys, and data that must not be
 * changed on the way, are sent only over TLS or inside this machine.
 *
 * @param because the reason that ends the sentence, such as `the key is sent there`
 * @returns undefined if the address may be used
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

/** Whether a URL leads to this machine: `127.…`, `[::1]`, `localhost`. A host name is in one spelling there: `127.1` reads `127.0.0.1`. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/u.test(hostname);
}
