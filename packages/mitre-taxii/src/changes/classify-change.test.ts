import { expect, test } from "vitest";
import { classifyModified } from "./classify-change.js";

const listed = { revoked: false, deprecated: false };
const revoked = { ...listed, revoked: true };
const deprecated = { ...listed, deprecated: true };

test.each([
  ["1.0", "1.0", "patches"],
  ["1.0", "1.1", "minor_version_changes"],
  ["1.9", "1.10", "minor_version_changes"],
  ["1.9", "2.0", "major_version_changes"],
  ["9.0", "10.0", "major_version_changes"],
  ["1.0", "1.2", "other_version_changes"],
  ["1.0", "2.1", "other_version_changes"],
  ["1.0", "3.0", "other_version_changes"],
  ["1.1", "1.0", "other_version_changes"],
  ["2.0", "1.0", "other_version_changes"],
  [undefined, "1.0", "major_version_changes"],
  [undefined, undefined, "patches"],
  ["draft", "draft", "patches"],
  ["1.2.3", "1.2.4", "other_version_changes"],
])("version %s → %s is one of the %s", (before, now, expected) => {
  const at = (attack_version: string | undefined) => ({ ...listed, attack_version });
  expect(classifyModified(at(before), at(now))).toBe(expected);
});

test.each([
  ["revoked now", listed, revoked, "revocations"],
  ["revoked now, deprecated before", deprecated, revoked, "revocations"],
  ["revoked before, too", revoked, revoked, "retired"],
  ["deprecated now", listed, deprecated, "deprecations"],
  ["deprecated now, revoked before", revoked, deprecated, "deprecations"],
  ["deprecated before, too", deprecated, deprecated, "retired"],
  ["revoked before, and no more", revoked, listed, "patches"],
])("%s", (_what, before, now, expected) => {
  expect(classifyModified(before, now)).toBe(expected);
  expect(classifyModified({ ...before, attack_version: "1.0" }, { ...now, attack_version: "1.0" })).toBe(
    expected,
  );
});
