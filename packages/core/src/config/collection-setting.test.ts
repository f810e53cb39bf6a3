import { expect, test } from "vitest";
import { collectionSetting } from "./collection-setting.js";

test.each(["threatfox_raw", "iocs", "intel.threatfox", "Ünïcode", "etl", "x".repeat(190)])(
  "%s is a name",
  (name) => {
    expect(collectionSetting().parse(name)).toBe(name);
  },
);

test.each(["", "a$b", "$cmd", "a\0b", ".a", "a.", "a..b", "system.users", "a.system.b", "x".repeat(191)])(
  "%j is none that MongoDB takes",
  (name) => {
    const { error } = collectionSetting().safeParse(name);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      expect.stringContaining("must be the name of a collection"),
    ]);
  },
);
