import type { StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { type IocPosition, listIocs } from "./list-iocs.js";

const start = Date.UTC(2026, 0, 1);

function stored(index: number) {
  const indicator = { type: "url", value: `http://x.example/${index}` };
  return {
    _id: String(index),
    enriched: { indicator, malware: "win.x", first_seen: new Date(start - index) },
  };
}

const asked = z.object({
  "enriched.first_seen": z.union([z.date(), z.object({ $lt: z.date() }), z.object({ $gt: z.date() })]),
  _id: z.object({ $gt: z.string() }).optional(),
});

const byIds = z.object({ _id: z.object({ $in: z.array(z.string()) }) });

/** A family of a hundred thousand URLs, each of a moment of its own. */
function openFamily() {
  let read = 0;
  const store: StoreReader = {
    async *find(_, filter, { limit = 0 } = {}) {
      if ("_id" in filter && !("enriched.first_seen" in filter)) {
        yield* byIds.parse(filter)._id.$in.map((id) => stored(Number(id)));
        return;
      }
      const { "enriched.first_seen": seen, _id } = asked.parse(filter);
      if (seen instanceof Date) {
        const ioc = stored(start - seen.getTime());
        yield* ioc._id > (_id?.$gt ?? "") ? [ioc] : [];
        return;
      }
      const first = "$lt" in seen ? start - seen.$lt.getTime() + 1 : 0;
      for (let index = first; index < Math.min(first + limit, 100_000); index += 1) {
        read += 1;
        yield stored(index);
      }
    },
    count: async () => 0,
    exists: async () => false,
  };
  return { store, read: () => read };
}

test("a page of a family and a type looks at so many IOCs, and the next one goes on behind them", async () => {
  const { store, read } = openFamily();
  const question = { malware: "win.x", type: "domain", limit: 5, now: new Date(start) };
  const { iocs, next } = await listIocs(store, question);
  expect(iocs).toEqual([]);
  expect(read()).toBeLessThan(11_000);
  expect(next?.first_seen.getTime()).toBeLessThan(start - 9_000);
  const before = read();
  await listIocs(store, { ...question, ...(next && { before: next }) });
  expect(read() - before).toBeLessThan(11_000);
});

test("a page of a family and a type has whole IOCs, in their order", async () => {
  const { store } = openFamily();
  const question = { malware: "win.x", type: "url", limit: 300, now: new Date(start) };
  const { iocs, next } = await listIocs(store, question);
  expect(iocs.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, index) => String(index)));
  expect(iocs[0]).toMatchObject({ value: "http://x.example/0", malware: "win.x", type: "url" });
  expect(next).toEqual({ first_seen: new Date(start - 299), id: "299" });
});

test("pages within a moment of many IOCs read no others", async () => {
  const ids = Array.from({ length: 10 }, (_, index) => String(index));
  const limits: unknown[] = [];
  const store: StoreReader = {
    async *find(_, filter, { limit = 0 } = {}) {
      limits.push(limit);
      const { "enriched.first_seen": seen, _id } = asked.parse(filter);
      const left = seen instanceof Date || "$gt" in seen ? ids.filter((id) => id > (_id?.$gt ?? "")) : [];
      for (const id of limit === 0 ? left : left.slice(0, limit)) {
        yield { ...stored(0), _id: id };
      }
    },
    count: async () => 0,
    exists: async () => false,
  };
  const found: string[] = [];
  let before: IocPosition | undefined;
  do {
    const page = await listIocs(store, { limit: 3, now: new Date(start), ...(before && { before }) });
    found.push(...page.iocs.map(({ id }) => id));
    before = page.next;
  } while (before !== undefined);
  expect(found).toEqual(ids);
  expect(limits).not.toContain(0);
});
