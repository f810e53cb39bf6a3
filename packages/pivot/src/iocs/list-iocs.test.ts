import type { StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { listIocs } from "./list-iocs.js";

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

/** A family of a hundred thousand URLs, each of a moment of its own. */
function openFamily() {
  let read = 0;
  const store: StoreReader = {
    async *find(_, filter, { limit = 0 } = {}) {
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
