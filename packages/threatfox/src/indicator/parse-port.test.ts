import { expect, test } from "vitest";
import { parsePort } from "./parse-port.js";

test.each([
  ["1", 1],
  ["0443", 443],
  ["65535", 65_535],
])("%s is port %i", (text, port) => {
  expect(parsePort(text)).toBe(port);
});

test.each(["", "0", "65536", "-1", "80a", "8e1", " 80", "１"])("%j is no port", (text) => {
  expect(parsePort(text)).toBeUndefined();
});
