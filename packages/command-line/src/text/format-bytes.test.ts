import { expect, test } from "vitest";
import { formatBytes } from "./format-bytes.js";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 KB"],
  [1_540, "1.5 KB"],
  [412_300_000, "412 MB"],
  [999_600_000, "1 GB"],
  [1_540_000_000, "1.5 GB"],
  [2e15, "2,000 TB"],
])("%d is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
