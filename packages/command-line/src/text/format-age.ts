import { formatCount } from "./format-count.js";

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** How long ago something was, in the largest unit that fits: `3 hours ago`. */
export function formatAge(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime();
  const unit = units.find(([, length]) => age >= length);
  if (unit === undefined) {
    return "just now";
  }
  return `${formatCount(Math.floor(age / unit[1]), unit[0])} ago`;
}
