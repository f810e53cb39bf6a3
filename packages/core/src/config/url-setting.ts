import { z } from "zod";

/** A setting that holds the address of an upstream: http or https, without user name and password. */
export function urlSetting() {
  const error = "must be an address that starts with http:// or https://";
  return z
    .string({ error })
    .refine((text) => ["http:", "https:"].includes(protocolOf(text)), { error })
    .pipe(
      z.string().refine((text) => new URL(text).username === "" && new URL(text).password === "", {
        error: "must not hold a user name or password",
      }),
    );
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : "";
}
