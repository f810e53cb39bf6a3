import { expect, test } from "vitest";
import { toMongoFilter } from "./ioc-selection.js";

test("a selection narrows by what it names, and by nothing else", () => {
  expect(toMongoFilter({})).toEqual({});
  const since = new Date("2026-11-01");
  expect(
    toMongoFilter({ since, types: ["domain", "url"], minConfidence: 0, malware: ["win.remcos"] }),
  ).toEqual({
    ingested_at: { $gte: since },
    "enriched.indicator.type": { $in: ["domain", "url"] },
    "enriched.confidence": { $gte: 0 },
    "enriched.malware": { $in: ["win.remcos"] },
  });
});
