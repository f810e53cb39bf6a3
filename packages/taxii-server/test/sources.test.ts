import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createTaxiiApp, type PageQuery, TaxiiRefusal, type TaxiiSource } from "../src/index.js";
import { serveApp } from "../src/testing/serve-app.js";

const objects = "/api/collections/c/objects/";
const accept = "application/taxii+json;version=2.1";

/** What the source was asked for, how many of its objects were read, and whether reading has ended. */
let queries: PageQuery[];
let read: number;
let ended: boolean;
let faults: string[];

beforeEach(() => {
  queries = [];
  read = 0;
  ended = false;
  faults = [];
});

/** A source of a thousand objects of 10 kB. */
function openSource(changes: Partial<TaxiiSource> = {}, failAt = Number.POSITIVE_INFINITY): TaxiiSource {
  const record = { id: "note--1", version: "2026-01-01T00:00:00Z", dateAdded: "2026-01-01T00:00:00Z" };
  return {
    async apiRoots() {
      return [{ path: "/api/", title: "" }];
    },
    async collections() {
      return [{ id: "c", title: "" }];
    },
    async readPage(query) {
      queries.push(query);
      const records = new Array(Math.min(1000, query.limit)).fill(record);
      return {
        records,
        async *objects() {
          try {
            for (const { id } of records) {
              if (read >= failAt) {
                throw new Error("no connection to mongodb://user:secret@db");
              }
              read += 1;
              yield JSON.stringify({ id, filler: "x".repeat(10_000) });
            }
          } finally {
            ended = true;
          }
        },
      };
    },
    ...changes,
  };
}

function openApp(source: TaxiiSource) {
  return createTaxiiApp([source], { title: "", onFault: (error) => faults.push(String(error)) });
}

describe("a page", () => {
  test("is read no faster than the client takes it, and no further when it hangs up", async () => {
    const response = await openApp(openSource()).request(objects, { headers: { accept } });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await reader?.read();
    // A chunk has seven of them.
    expect(read).toBeLessThanOrEqual(4 * 7);
    expect(ended).toBe(false);
    await reader?.cancel();
    expect(ended).toBe(true);
    expect(read).toBeLessThanOrEqual(4 * 7);
  });

  test("that nobody has begun to read ends, too, when the client hangs up", async () => {
    const response = await openApp(openSource()).request(objects, { headers: { accept } });
    await response.body?.cancel();
    expect(ended).toBe(true);
  });

  test("is told when the client hangs up while it is found", async () => {
    let given: AbortSignal | undefined;
    const source = openSource({
      async readPage({ signal }) {
        given = signal;
        await new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
        throw new Error("not aborted");
      },
    });
    const send = await serveApp(openApp(source));
    const hangUp = new AbortController();
    const answer = send(objects, { signal: hangUp.signal });
    await vi.waitUntil(() => given !== undefined);
    hangUp.abort();
    await expect(answer).rejects.toThrow("aborted");
    await vi.waitUntil(() => given?.aborted);
    expect(faults).toEqual([]);
  });

  test("that takes too long is given up before it is sent, and cut while it is sent", async () => {
    const endless = () => new Promise<never>(() => {});
    const tooSlow = (changes: Partial<TaxiiSource>) =>
      createTaxiiApp([openSource(changes)], {
        ...{ title: "", timeoutMs: 20, onFault: (error: unknown) => faults.push(String(error)) },
      });
    for (const changes of [{ readPage: endless }, { collections: endless }, { apiRoots: endless }]) {
      const answer = await tooSlow(changes).request(objects, { headers: { accept } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([504, accept]);
    }
    const { readPage } = openSource();
    const stuck = tooSlow({
      async readPage(query) {
        const page = await readPage(query);
        return {
          ...page,
          async *objects() {
            yield* new Array(20).fill(JSON.stringify("x".repeat(10_000)));
            await endless();
          },
        };
      },
    });
    const answer = await stuck.request(objects, { headers: { accept } });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow("the rest of a page could not be read");
    expect(faults).toHaveLength(4);
  });

  test("comes whole over the wire, and with its length where it is short", async () => {
    const send = await serveApp(openApp(openSource()));
    const long = await send(objects);
    expect(long.ids).toHaveLength(1000);
    const short = await send(`${objects}?limit=2`);
    expect(short.headers.get("content-length")).toBe(String(Buffer.byteLength(short.text)));
  });

  test("is not read for its head, a manifest, or a client that has it", async () => {
    const send = await serveApp(openApp({ ...openSource(), stamp: async () => "as it was" }));
    const { headers } = await send(objects, { method: "HEAD" });
    expect((await send("/api/collections/c/manifest/")).ids).toHaveLength(1000);
    expect(queries).toHaveLength(2);
    const known = await send(objects, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    expect(known.status).toBe(304);
    expect(queries).toHaveLength(2);
    expect(read).toBe(0);
  });

  test("has no ETag where the source has no stamp", async () => {
    const send = await serveApp(openApp(openSource()));
    expect((await send(objects)).headers.has("etag")).toBe(false);
  });

  test("has as many objects as is asked for, with a default and a maximum", async () => {
    const app = createTaxiiApp([openSource()], { title: "", defaultPageSize: 5, maxPageSize: 50 });
    const send = await serveApp(app);
    await send(objects);
    await send(`${objects}?limit=20`);
    await send(`${objects}?limit=51`);
    expect(queries.map(({ limit }) => limit)).toEqual([5, 20, 50]);
  });
});

test("is asked for its API roots only for paths below which they can lie", async () => {
  const apiRoots = vi.fn(openSource().apiRoots);
  const send = await serveApp(openApp(openSource({ below: "/api/", apiRoots })));
  for (const path of ["/", "/other/", "/apis/", "/api/v1/x"]) {
    await send(path);
  }
  expect(apiRoots).toHaveBeenCalledTimes(1);
  expect((await send("/api")).status).toBe(200);
  expect((await send("/taxii2/")).body).toMatchObject({ api_roots: ["/api/"] });
});

test("pages of a source that hold nothing are passed over", async () => {
  const source = openSource();
  const sparse = openSource({
    async readPage(query) {
      const page = await source.readPage(query);
      const number = Number(query.after ?? 0);
      const next = number < 9 ? { next: String(number + 1) } : {};
      return { ...page, records: number % 4 === 1 ? page.records : [], ...next };
    },
  });
  const send = await serveApp(openApp(sparse));
  const pages: number[] = [];
  let next: string | undefined;
  do {
    const { ids, body } = await send(`${objects}?limit=3${next === undefined ? "" : `&next=${next}`}`);
    pages.push(ids.length);
    next = body.next;
  } while (next !== undefined);
  // At 1, 5 and 9.
  expect(pages).toEqual([3, 3, 3]);
  expect(queries.map(({ after }) => after)).toEqual([undefined, ..."123456789"]);
});

describe("a source that fails", () => {
  const down = async () => {
    throw new Error("no connection to mongodb://user:secret@db");
  };

  test.each([
    ["roots", openSource({ apiRoots: down })],
    ["collections", openSource({ collections: down })],
    ["a page", openSource({ readPage: down })],
    ["a stamp", openSource({ stamp: down })],
    ["the first object", openSource({}, 0)],
  ])("at %s is answered 500, and only the server is told why", async (_, source) => {
    const answer = await (await serveApp(openApp(source)))(objects);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([500, accept]);
    expect(answer.body).toMatchObject({ http_status: "500", error_code: "internal-error" });
    expect(answer.text).not.toContain("mongodb");
    expect(faults).toEqual(["Error: no connection to mongodb://user:secret@db"]);
  });

  test("in the middle of a page cuts the answer, so that no client takes it for whole", async () => {
    const send = await serveApp(openApp(openSource({}, 500)));
    // The HTTP server writes of it to the console.
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    await expect(send(objects)).rejects.toThrow();
    expect(ended).toBe(true);
    expect(faults).toEqual(["Error: no connection to mongodb://user:secret@db"]);
    expect(String(log.mock.calls)).not.toContain("mongodb");
  });

  test("can say itself what the answer is", async () => {
    const busy = new TaxiiRefusal({
      status: 503,
      title: "Busy",
      description: "Ask again in a minute.",
      headers: { "retry-after": "60" },
    });
    const source = openSource({ readPage: () => Promise.reject(busy) });
    const answer = await (await serveApp(openApp(source)))(objects);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(answer.body).toMatchObject({ title: "Busy", http_status: "503" });
    expect(answer.body).not.toHaveProperty("error_code");
    expect(faults).toEqual([]);
  });
});

test("of two sources with the same API root the first is asked, and discovery lists the root once", async () => {
  const other = openSource({ collections: async () => [{ id: "other", title: "" }] });
  const send = await serveApp(createTaxiiApp([openSource(), other], { title: "" }));
  expect((await send("/api/collections/")).body).toMatchObject({ collections: [{ id: "c" }] });
  expect((await send("/taxii2/")).body.api_roots).toHaveLength(1);
});
