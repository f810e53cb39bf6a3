import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { OptionError } from "./connector.js";
import { pathsFrom } from "./paths-from.js";

const { resolvePath } = pathsFrom("/typed/here");

test("a path counts from the folder, and ~ is the home folder", () => {
  expect(resolvePath("full.json")).toBe(resolve("/typed/here/full.json"));
  expect(resolvePath("~/full.json")).toBe(join(homedir(), "full.json"));
});

test("a path that means nothing on this machine is a fault of the option", () => {
  expect(() => resolvePath("~alice/full.json")).toThrow(OptionError);
  expect(() => resolvePath("~alice/full.json")).toThrow(/^must be a full path/);
});
