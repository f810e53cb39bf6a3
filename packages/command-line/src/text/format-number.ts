const format = new Intl.NumberFormat("en-US");

/** A count as people read it: `24,772`. */
export function formatNumber(value: number): string {
  return format.format(value);
}
