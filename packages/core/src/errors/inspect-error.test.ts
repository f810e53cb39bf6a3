import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorCodeOf, isProgrammingError } from "./inspect-error.js";

test("finds the code of an error, and of nothing else", async () => {
  const missing: unknown = await readFile("/no/such/file").catch((error: unknown) => error);
  expect(errorCodeOf(missing)).toBe("ENOENT");
  expect(errorCodeOf(Object.assign(new Error("duplicate"), { code: 11000 }))).toBe(11000);
  expect(errorCodeOf(Object.assign(new Error("odd"), { code: {} }))).toBeUndefined();
  expect(errorCodeOf(new Error("none"))).toBeUndefined();
  expect(errorCodeOf({ code: "ENOENT" })).toBeUndefined();
  expect(errorCodeOf(undefined)).toBeUndefined();
});

test("tells bugs from failures", () => {
  expect(isProgrammingError(new TypeError("x is not a function"))).toBe(true);
  expect(isProgrammingError(new Error("the disk is full"))).toBe(false);
});
