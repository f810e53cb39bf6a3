import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expandPath } from "./expand-path.js";

test.each([
  ["~", homedir()],
  ["~/data/mongo", join(homedir(), "data", "mongo")],
  ["/var/lib/cti", "/var/lib/cti"],
  ["data/~old", "data/~old"],
  ["./~old", "./~old"],
  ["c:", "c:"],
])("%s is %s", (path, expected) => {
  expect(expandPath("DATA_DIR", path, "linux")).toBe(expected);
});

test.each([
  ["~alice/data", /^DATA_DIR must be a whole path: .*~alice\/data/],
  ["C:\\data\\mongo", /^DATA_DIR must be a path of this system, .*C:\\data\\mongo/],
  ["d:/data", /^DATA_DIR must be a path of this system/],
  ["\\\\server\\share", /^DATA_DIR must be a path of this system/],
])("%s is refused on Linux", (path, message) => {
  expect(() => expandPath("DATA_DIR", path, "linux")).toThrow(message);
});

test("a Windows path is one on Windows", () => {
  expect(expandPath("DATA_DIR", "C:\\data", "win32")).toBe("C:\\data");
});
