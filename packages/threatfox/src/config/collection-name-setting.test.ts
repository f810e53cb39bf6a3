import { expect, test } from "vitest";
import { collectionNameSetting } from "./collection-name-setting.js";

test.each(["threatfox_raw", "iocs", "intel.threatfox", "Ünïcode", "etl", "x".repeat(190)])(
  "%s is a name",
  (name) => {
    expect(collectionNameSetting().parse(name)).toBe(name);
  },
);

test.each(["", "a$b", "$cmd", "a\0b", ".a", "a.", "a..b", "system.users", "a.system.b", "x".repeat(191)])(
  "%j is none that MongoDB takes",
  (name) => {
    const { error } = collectionNameSetting().safeParse(name);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      expect.stringContaining("must be the name of a collection"),
    ]);
  },
);

test.each([
  "etl_runs",
  "etl_",
  "objects",
  "manifest",
  "versions",
  "collections",
  "threatfox_malware",
  "threatfox_types",
])("%s holds other data", (name) => {
  const { error } = collectionNameSetting().safeParse(name);
  expect(error?.issues.map(({ message }) => message)).toEqual([
    expect.stringContaining("choose another name"),
  ]);
});
