import { z } from "zod";

/** A setting that holds names separated by commas; blanks around them and empty ones do not count. */
export function listSetting() {
  return z.string({ error: "must be a list separated by commas" }).transform((text): readonly string[] =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );
}
