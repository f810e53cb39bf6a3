import { formatNumber } from "./format-number.js";

const units = ["bytes", "KB", "MB", "GB", "TB"];

/** A size as people read it, in powers of 1000: `412 MB`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const shown = unit > 0 && size < 10 ? Math.round(size * 10) / 10 : Math.round(size);
  return `${formatNumber(shown)} ${units[unit]}`;
}
