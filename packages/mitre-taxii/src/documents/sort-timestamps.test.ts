import { expect, test } from "vitest";
import { sortTimestamps } from "./sort-timestamps.js";

test("puts the oldest first, as given and each once, and what is no timestamp last", () => {
  expect(
    sortTimestamps([
      "v2",
      "2024-01-02T00:00:00Z",
      "2023-12-31T23:59:59.999Z",
      "2024-01-01T12:00:00+14:00",
      "2024-01-02T00:00:00Z",
      "v10",
    ]),
  ).toEqual(["2024-01-01T12:00:00+14:00", "2023-12-31T23:59:59.999Z", "2024-01-02T00:00:00Z", "v10", "v2"]);
});
