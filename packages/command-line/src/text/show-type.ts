import { oneLine } from "./one-line.js";

const longestType = 60;

/** An IOC type as the upstream named it, for people: on one line, and cut. */
export function showType(type: string): string {
  return oneLine(type, longestType);
}
