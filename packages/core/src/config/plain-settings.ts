import { z } from "zod";

interface IntegerRange {
  readonly min?: number;
  readonly max?: number;
}

/** A setting that holds a whole number, written in decimal digits. */
export function integerSetting({ min, max }: IntegerRange = {}) {
  const error = `must be a whole number${rangeText(min, max)}`;
  return z
    .string({ error })
    .regex(/^[+-]?\d+$/, { error })
    .transform(Number)
    .refine(
      (value) => Number.isSafeInteger(value) && value >= (min ?? -Infinity) && value <= (max ?? Infinity),
      { error },
    );
}

function rangeText(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) {
    return ` from ${min} to ${max}`;
  }
  if (min !== undefined) {
    return `, ${min} or more`;
  }
  return max === undefined ? "" : `, ${max} or less`;
}

/**
 * A setting that holds names separated by commas; blanks around them and empty names are ignored. At least one name is
 * required.
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
