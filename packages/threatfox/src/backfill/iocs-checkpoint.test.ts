import { describe, expect, test } from "vitest";
import { checkpointOf } from "./iocs-checkpoint.js";

describe("a checkpoint", () => {
  const queried = { queried_at: "2026-01-05T12:00:00.000Z", days: 2 };

  test("of the collection is what is remembered", () => {
    const checkpoint = { ...queried, collection: "intel" };
    expect(checkpointOf("intel", checkpoint)).toEqual(checkpoint);
  });

  test("of another collection counts as none", () => {
    expect(checkpointOf("intel", { ...queried, collection: "threatfox_raw" })).toEqual({
      collection: "intel",
    });
    expect(checkpointOf("intel", undefined)).toEqual({ collection: "intel" });
  });

  test("of an earlier version is that of the collection", () => {
    expect(checkpointOf("intel", queried)).toEqual({ ...queried, collection: "intel" });
  });
});
