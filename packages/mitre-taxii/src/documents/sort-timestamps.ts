import { parseTimestamp } from "./parse-timestamp.js";

/** Oldest first, each once; what is no timestamp comes last. */
export function sortTimestamps(timestamps: Iterable<string>): readonly string[] {
  const timed = [...new Set(timestamps)].map((text) => ({
    text,
    time: parseTimestamp(text)?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
  timed.sort((left, right) => {
    if (left.time !== right.time) {
      return left.time < right.time ? -1 : 1;
    }
    return left.text < right.text ? -1 : Number(left.text > right.text);
  });
  return timed.map(({ text }) => text);
}
