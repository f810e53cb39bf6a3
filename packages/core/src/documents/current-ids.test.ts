import { expect, test } from "vitest";
import type { LoadDocument } from "../connector/connector.js";
import { rememberCurrent } from "./current-ids.js";
import { prepareBatches } from "./prepare-batches.js";
import { prepareDocument } from "./prepare-document.js";

function documents(ids: readonly string[], changes: Partial<LoadDocument> = {}): LoadDocument[] {
  return ids.map((_id) => ({ collection: "things", _id, data: {}, enriched: {}, ...changes }));
}

function stored(brought: readonly LoadDocument[]) {
  return prepareBatches(
    brought.map((document) => prepareDocument(document)),
    { isReconciled: false },
  );
}

test("remembers what was stored, by collection, but nothing that was refused or stored as removed", () => {
  const current = rememberCurrent();
  const [refused = expect.fail("a document"), ...others] = documents(["1", "2", "3"]);
  current.add(stored([refused, ...others]), [{ document: refused, reason: "" }]);
  current.add(stored(documents(["3", "4"], { removed: "superseded" })), []);
  current.add(stored(documents(["5"], { collection: "others" })), []);
  expect([...(current.in("things") ?? [])]).toEqual(["2"]);
  expect([...(current.in("others") ?? [])]).toEqual(["5"]);
  current.remove("things", ["2", "9"]);
  expect(current.in("things")).toEqual(new Set());
  expect(current.in("nothing")).toBeUndefined();
});

test("remembers nothing any more where there is too much", () => {
  const current = rememberCurrent();
  const many = Array.from({ length: 50_000 }, (_, index) => String(index));
  current.add(stored(documents(many)), []);
  expect(current.in("things")?.size).toBe(50_000);
  current.add(stored(documents(["one more"])), []);
  current.add(stored(documents(["1"])), []);
  expect(current.in("things")).toBeUndefined();
});
