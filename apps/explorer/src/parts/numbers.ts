const locale = "en";
const whole = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });

/** `1,234`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** `1.23K`. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** `1 group`, `1,234 groups`. */
export function formatCount(value: number, unit: string, units = `${unit}s`): string {
  return `${formatNumber(value)} ${value === 1 ? unit : units}`;
}
