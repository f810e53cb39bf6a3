import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { createMemorySource, createTaxiiApp } from "../src/index.js";

const collection = "/api/collections/c";
const accept = "application/taxii+json;version=2.1";

/** Few objects in few versions, so that bundles repeat them. */
const object = fc
  .record({
    number: fc.integer({ min: 0, max: 9 }),
    kind: fc.constantFrom("malware", "tool"),
    year: fc.nat(3),
  })
  .map(({ number, kind, year }) => ({
    type: kind,
    spec_version: "2.1",
    id: `${kind}--00000000-0000-4000-8000-00000000000${number}`,
    created: "2020-01-01T00:00:00.000Z",
    modified: `202${year}-01-01T00:00:00.000Z`,
  }));
const bundles = fc.array(
  fc.record({
    addedAt: fc
      .integer({ min: 1, max: 28 })
      .map((day) => `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`),
    objects: fc.array(object, { maxLength: 15 }),
  }),
  { maxLength: 4 },
);
const filters = [
  "",
  "match[version]=all",
  "match[type]=tool",
  "match[version]=first",
  "added_after=2026-01-15T00:00:00Z",
];

const pageSchema = z.object({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.object({ id: z.string(), version: z.string().optional() })).default([]),
});

test("pages of any length are the same list as one page, after a restart between them, too", async () => {
  await fc.assert(
    fc.asyncProperty(
      bundles,
      fc.constantFrom("objects", "manifest"),
      fc.constantFrom(...filters),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      async (content, list, filter, limits) => {
        const start = () => {
          const root = { path: "/api/", title: "", collections: [{ id: "c", title: "", bundles: content }] };
          return createTaxiiApp([createMemorySource([root])], { title: "", defaultPageSize: 1000 });
        };
        const get = async (query: string) => {
          const response = await start().request(`${collection}/${list}/?${filter}&${query}`, {
            headers: { accept },
          });
          return { headers: response.headers, ...pageSchema.parse(await response.json()) };
        };
        const whole = await get("");
        const collected: unknown[] = [];
        let latest = "";
        let next: string | undefined;
        do {
          const limit = limits.next().value;
          const page = await get(`limit=${limit}${next === undefined ? "" : `&next=${next}`}`);
          collected.push(...page.objects);
          expect(page.objects.length).toBeLessThanOrEqual(limit);
          expect(page.more).toBe(page.next === undefined ? undefined : true);
          if (page.objects.length > 0) {
            // Ascending, over pages, too.
            const first = page.headers.get("x-taxii-date-added-first") ?? "";
            expect(first > latest).toBe(true);
            latest = page.headers.get("x-taxii-date-added-last") ?? "";
            expect(latest >= first).toBe(true);
          }
          next = page.next;
        } while (next !== undefined);
        expect(collected).toEqual(whole.objects);
        expect(whole.more).toBeUndefined();
      },
    ),
    { seed: 20_261_128, numRuns: 60 },
  );
});
