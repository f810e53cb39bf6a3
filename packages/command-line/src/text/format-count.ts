import { formatNumber } from "./format-number.js";

/** A count with its noun: `1 request`, `1,200 requests`. */
export function formatCount(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}
