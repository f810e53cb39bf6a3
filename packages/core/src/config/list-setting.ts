import { z } from "zod";

/**
 * A setting that holds names separated by commas; blanks around them and empty ones do not count, but one name there must
 * be.
 */
export function listSetting() {
  const error = "must be a list separated by commas";
  return z
    .string({ error })
    .transform((text): readonly string[] =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .refine((items) => items.length > 0, { error: `${error} with at least one entry` });
}
