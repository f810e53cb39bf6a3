import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemorySource, createTaxiiApp } from "../src/index.js";
import { collectionId, malware, root } from "../src/testing/content.js";

const faults: unknown[] = [];
const app = createTaxiiApp([createMemorySource([root])], {
  title: "Test server",
  onFault: (error) => faults.push(error),
});

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.webQueryParameters());
const date = fc.date({ noInvalidDate: true }).map((time) => time.toISOString());
const someValue = fc.oneof(
  anyText,
  fc.constantFrom("all", "first", "last", "2.1", malware, "tool", "", ",", "1", "0", "-1", "1e3"),
  date,
  date.map((text) => text.replace("Z", "+23:59")),
);
const someName = fc.oneof(
  fc.constantFrom(
    "limit",
    "next",
    "added_after",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
  ),
  anyText,
  anyText.map((text) => `match[${text}]`),
);
const someQuery = fc
  .array(fc.tuple(someName, fc.array(someValue, { maxLength: 3 })), { maxLength: 4 })
  .map((pairs) => {
    const query = new URLSearchParams();
    for (const [name, values] of pairs) {
      query.append(name, values.join(","));
    }
    return query.toString();
  });
const somePath = fc.oneof(
  fc.constantFrom("/taxii2/", "/api/", "/api/collections/", `/api/collections/${collectionId}/`),
  fc
    .constantFrom("objects/", "manifest/", `objects/${malware}/`, `objects/${malware}/versions/`)
    .map((path) => `/api/collections/${collectionId}/${path}`),
  fc.webPath().map((path) => `/api/collections${path}`),
  fc
    .string({ unit: "binary" })
    .map((text) => `/api/collections/${collectionId}/objects/${encodeURIComponent(text)}`),
);

test("no request is a fault of the server, and what is malformed is refused (500 requests)", async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      somePath,
      fc.oneof(someQuery, anyText.map(encodeURI)),
      fc.constantFrom("GET", "HEAD", "POST", "DELETE"),
      async (path, query, method) => {
        const response = await app.request(`http://server.example${path}?${query}`, {
          method,
          headers: { accept: "*/*" },
        });
        statuses.add(response.status);
        expect([200, 400, 403, 404, 405, 414, 415]).toContain(response.status);
        expect(faults).toEqual([]);
        if (method !== "HEAD") {
          expect(await response.json()).toBeTypeOf("object");
        }
      },
    ),
    { seed: 20_261_128, numRuns: 500 },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
});
