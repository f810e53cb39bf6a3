const format = new Intl.NumberFormat("en-US");

/** A count as people read it: `24,772`. */
export function formatNumber(value: number): string {
  return format.format(value);
}

/** A count with its noun: `1 request`, `1,200 requests`. */
export function formatCount(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

const sizes = ["bytes", "KB", "MB", "GB", "TB"];

/** A size as people read it, in powers of 1000: `412 MB`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < sizes.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const shown = unit > 0 && size < 10 ? Math.round(size * 10) / 10 : Math.round(size);
  return `${formatNumber(shown)} ${sizes[unit]}`;
}

/** A span of time as people read it on a stopwatch: `0:07`, `12:31`, `1:02:09`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const spans = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** How long ago something was, in the largest unit that fits: `3 hours ago`. */
export function formatAge(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime();
  const unit = spans.find(([, length]) => age >= length);
  if (unit === undefined) {
    return "just now";
  }
  return `${formatCount(Math.floor(age / unit[1]), unit[0])} ago`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A span of time in its two largest units: `40 s`, `10 min`, `1 d 2 h`. */
export function formatSpan(milliseconds: number): string {
  const largest = units.findIndex(([, length]) => milliseconds >= length);
  if (largest === -1) {
    return "0 s";
  }
  let left = milliseconds;
  return units
    .slice(largest, largest + 2)
    .flatMap(([unit, length]) => {
      const count = Math.floor(left / length);
      left -= count * length;
      return count === 0 ? [] : [`${formatNumber(count)} ${unit}`];
    })
    .join(" ");
}

/** A day in UTC: `2026-01-31`. */
export function formatDay(date: Date): string {
  return date.toISOString().slice(0, "2026-01-31".length);
}

/** Ends a reason of the system or of a library, which may be a sentence already, with a full stop. */
export function endSentence(reason: string): string {
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}
