import { parseTimestamp } from "./parse-timestamp.js";

/** Whether two versions are one, even where they are written in different ways. */
export function isSameVersion(left: string, right: string): boolean {
  if (left === right) {
    return true;
  }
  const time = parseTimestamp(left)?.getTime();
  return time !== undefined && time === parseTimestamp(right)?.getTime();
}
