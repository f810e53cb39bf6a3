import { expect, test } from "vitest";
import { describeLoaded, describeOutdated } from "./describe-data.js";

const now = new Date("2026-11-28T12:00:00Z");
const hours = (count: number) => new Date(now.getTime() - count * 3_600_000);

test.each([
  [undefined, undefined, "never loaded"],
  [undefined, hours(2), "only a part loaded, 2 hours ago"],
  [hours(3), undefined, "loaded 3 hours ago"],
  [hours(3), hours(2), "loaded 3 hours ago, a part 2 hours ago"],
  [hours(2), hours(3), "loaded 2 hours ago"],
])("loaded %s, a part %s: %s", (loadedAt, partAt, text) => {
  expect(describeLoaded({ loadedAt, partAt }, now)).toBe(text);
});

test("what answers may lack is said for each connector, and nothing where all is well", () => {
  const outdated = [{ collection: "a", lacks: "x by y" }, { collection: "b" }];
  const states = [
    { connector: "one", outdated },
    { connector: "two" },
    { connector: "three", outdated: [{ collection: "c" }] },
  ];
  expect(describeOutdated(states, "cti")).toEqual([
    "Documents of an older version are stored in a, b: answers may lack x by y. Upgrade them, without requests: cti run one",
    "Documents of an older version are stored in c: answers may be incomplete. Upgrade them, without requests: cti run three",
  ]);
});
