import type { StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { createEndsReader } from "./read-ends.js";

const collection = "x-mitre-collection--1";
const group = { type: "intrusion-set", id: "intrusion-set--1", name: "APT1" };
const tool = { type: "tool", id: "tool--1", name: "Mimikatz" };
const uses = {
  ...{ type: "relationship", id: "relationship--1", relationship_type: "uses" },
  ...{ source_ref: group.id, target_ref: tool.id },
};

/** A store of objects, and what it was asked. */
function storeOf(objects: readonly { readonly id: string; readonly type: string; readonly name: string }[]) {
  const asked: string[] = [];
  const store: StoreReader = {
    async *find() {
      asked.push("find");
      for (const object of objects) {
        const { id, type, name } = object;
        const _id = `${collection}/${id}/2025-01-01T00:00:00.000Z`;
        yield { _id, removed_at: null, data: { objects: [object] }, enriched: { type, name } };
      }
    },
    count: () => Promise.resolve(objects.length),
    exists() {
      asked.push("exists");
      return Promise.resolve(objects.length > 0);
    },
  };
  return { asked, reader: createEndsReader({ store, naming: { isSettled: true } }) };
}

test("in a new collection ends are those that were seen, and none is looked up", async () => {
  const { asked, reader } = storeOf([]);
  const first = await reader.readPage(collection, [uses, group], true);
  expect(first.get(uses)).toEqual({ source: { name: "APT1", type: "intrusion-set" } });
  const second = await reader.readPage(collection, [{ ...uses, id: "relationship--2" }, tool], true);
  expect([...second.values()]).toMatchObject([{ source: { name: "APT1" }, target: { name: "Mimikatz" } }]);
  expect(asked).toEqual(["exists"]);
});

test("ends that are stored are looked up", async () => {
  const { asked, reader } = storeOf([group]);
  const ends = await reader.readPage(collection, [uses, tool], true);
  expect(ends.get(uses)).toMatchObject({ source: { name: "APT1" }, target: { name: "Mimikatz" } });
  expect(asked).toEqual(["exists", "find"]);
});

test("ends that were seen so long ago that they are forgotten are looked up", async () => {
  const stored: (typeof tool)[] = [];
  const { reader } = storeOf(stored);
  await reader.readPage(collection, [{ ...uses, id: "relationship--0" }, group], true);
  stored.push(group);
  const many = Array.from({ length: 20_001 }, (_, index) => ({ ...tool, id: `tool--${index}` }));
  await reader.readPage(collection, many, true);
  const ends = await reader.readPage(collection, [uses], true);
  expect(ends.get(uses)).toMatchObject({ source: { name: "APT1" } });
});
