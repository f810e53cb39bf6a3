import { afterEach, describe, expect, test, vi } from "vitest";
import { type ScriptedAnswer, startScriptedServer, testHttpClient } from "../testing/scripted-server.js";
import { isStixObject } from "./stix-object.js";
import { openApiRoot } from "./taxii-api-root.js";
import { TaxiiError } from "./taxii-error.js";
import type { TaxiiPage } from "./taxii-page.js";
import type { WalkOptions } from "./walk-pages.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

async function serve(answer: (query: URLSearchParams, path: string) => ScriptedAnswer) {
  const server = await startScriptedServer((path, query) => answer(query, path));
  closers.push(server.close);
  const root = openApiRoot(testHttpClient(), `${server.url}/api`);
  return { requests: server.requests, conditions: server.conditions, root };
}

async function pagesOf(pages: AsyncIterable<TaxiiPage>): Promise<TaxiiPage[]> {
  const list: TaxiiPage[] = [];
  for await (const page of pages) {
    list.push(page);
  }
  return list;
}

const a = { type: "tool", id: "tool--a" };
const b = { type: "tool", id: "tool--b" };
const c = { type: "tool", id: "tool--c" };

/** The public ATT&CK server's way: numbered pages of whatever limit the request has. */
function numbered(objects: readonly unknown[], query: URLSearchParams): ScriptedAnswer {
  const limit = Number(query.get("limit"));
  const page = Number(query.get("next") ?? 0);
  if (limit * page > objects.length) {
    return { status: 404, body: { title: "no such page", http_status: "404" } };
  }
  const more = limit + limit * page < objects.length;
  const next = more ? { more, next: String(page + 1) } : page > 0 ? { more } : {};
  return { body: { ...next, objects: objects.slice(limit * page, limit + limit * page) } };
}

describe("walking pages", () => {
  test("asks with validators for the first page only, and takes 304 for the word that nothing changed", async () => {
    const validators = { etag: '"1"', lastModified: "Wed, 01 Jan 2025 00:00:00 GMT" };
    const headers = { etag: validators.etag, "last-modified": validators.lastModified };
    const fresh = await serve((query) => ({ ...numbered([a, b, c], query), headers }));
    const options = { limit: 2, unless: validators };
    const [first, second] = await pagesOf(fresh.root.objects("1", options));
    expect(first).toMatchObject({ entries: [a, b], notModified: false, validators });
    expect(second).toMatchObject({ entries: [c], notModified: false });
    expect(fresh.conditions).toEqual([validators, { etag: undefined, lastModified: undefined }]);

    const same = await serve(() => ({ status: 304, body: "" }));
    expect(await pagesOf(same.root.objects("1", options))).toEqual([
      expect.objectContaining({ entries: [], notModified: true, notFound: false, next: undefined }),
    ]);
  });

  test("repeats limit and filters with the number of the next page", async () => {
    const { root, requests } = await serve((query) => numbered([a, b, c], query));
    const pages = await pagesOf(root.objects("x", { limit: 2, match: { type: ["tool", "malware"] } }));
    expect(pages.map(({ entries }) => entries)).toEqual([[a, b], [c]]);
    expect(requests).toEqual([
      "/api/collections/x/objects/?match[type]=tool,malware&limit=2",
      "/api/collections/x/objects/?match[type]=tool,malware&limit=2&next=1",
    ]);
  });

  test("starts at a saved cursor, and takes a 404 past the end as the end", async () => {
    const { root, requests } = await serve((query) => numbered([a], query));
    const pages = await pagesOf(root.objects("x", { limit: 1, from: { next: "7" } }));
    expect(pages).toMatchObject([{ entries: [], next: undefined, notFound: true }]);
    expect(requests).toEqual(["/api/collections/x/objects/?limit=1&next=7"]);
  });

  test("yields where the next page begins, so that a walk can go on later", async () => {
    const { root } = await serve((query) => numbered([a, b, c], query));
    const options: WalkOptions = { limit: 1 };
    for await (const page of root.objects("x", options)) {
      expect(page.next).toEqual({ next: "1" });
      const rest = await pagesOf(root.objects("x", { ...options, ...(page.next && { from: page.next }) }));
      expect(rest.flatMap(({ entries }) => entries)).toEqual([b, c]);
      break;
    }
  });

  test("hands an opaque token back as it came", async () => {
    const token = "a+b/c=&d %";
    const { root } = await serve((query) =>
      query.get("next") === token
        ? { body: { objects: [b] } }
        : { body: { more: true, next: token, objects: [a] } },
    );
    const pages = await pagesOf(root.objects("x"));
    expect(pages.flatMap(({ entries }) => entries)).toEqual([a, b]);
  });

  test("reads a token that is a number", async () => {
    const { root } = await serve((query) =>
      query.has("next") ? { body: { objects: [b] } } : { body: { more: true, next: 1, objects: [a] } },
    );
    expect((await pagesOf(root.objects("x"))).flatMap(({ entries }) => entries)).toEqual([a, b]);
  });

  test("does not carry the token of one collection into another", async () => {
    const { root, requests } = await serve((query) => numbered([a, b], query));
    await pagesOf(root.objects("x", { limit: 1 }));
    await pagesOf(root.objects("y", { limit: 1 }));
    expect(requests[2]).toBe("/api/collections/y/objects/?limit=1");
  });

  describe("where there is more but no token", () => {
    const tools = ["a", "b", "c", "d", "e"].map((name) => ({ type: "tool", id: `tool--${name}` }));
    const dates = [1, 2, 2, 2, 3].map((day) => `2024-01-0${day}T00:00:00.000000Z`);
    const serveByDate = (write = (date: string) => date) =>
      serve((query) => {
        const after = query.get("added_after") ?? "";
        const left = tools.filter((_, index) => (dates[index] ?? "") > after);
        const page = left.slice(0, Number(query.get("limit")));
        const last = dates[tools.length - left.length + page.length - 1] ?? "";
        const headers = { "X-TAXII-Date-Added-Last": write(last) };
        return { body: { more: page.length < left.length, objects: page }, headers };
      });

    test("goes on with added_after, and loses nothing that was added in the same moment", async () => {
      const { root, requests } = await serveByDate();
      const pages = await pagesOf(root.objects("x", { limit: 4, addedAfter: "2020-01-01T00:00:00Z" }));
      expect(pages.map(({ entries }) => entries)).toEqual([tools.slice(0, 4), tools.slice(4)]);
      expect(pages[0]?.dateAddedLast).toBe(dates[1]);
      expect(requests).toEqual([
        "/api/collections/x/objects/?added_after=2020-01-01T00:00:00Z&limit=4",
        "/api/collections/x/objects/?added_after=2024-01-01T23:59:59.999999Z&limit=4",
      ]);
    });

    test.each([
      ["+00:00", (date: string) => date.replace("Z", "+00:00")],
      ["+0000", (date: string) => date.replace("Z", "+0000")],
      ["another offset", (date: string) => date.replace("T00:", "T02:").replace("Z", "+02:00")],
      ["no offset", (date: string) => date.replace("Z", "")],
      ["a blank for T", (date: string) => date.replace("T", " ")],
      ["HTTP's form", (date: string) => new Date(date).toUTCString()],
      [
        "JavaScript's form",
        (date: string) => `${new Date(date).toUTCString().replace(/(\w+), (\d+) (\w+) /, "$1 $3 $2 ")}+0000`,
      ],
    ])("reads dates with %s, and loses none of the same moment", async (_form, write) => {
      for (const limit of [4, 2]) {
        const { root, requests } = await serveByDate(write);
        const walk = pagesOf(root.objects("x", { limit }));
        if (limit === 2) {
          await expect(walk).rejects.toThrow("pages never end");
        } else {
          expect((await walk).flatMap(({ entries }) => entries)).toEqual(tools);
        }
        expect(requests[1]).toContain("added_after=2024-01-01T23:59:59.999999Z");
      }
    });

    test.each(["undefined", "null", "yesterday"])(
      "reports a date that is %j, and does not send it",
      async (text) => {
        const { root, requests } = await serveByDate(() => text);
        await expect(pagesOf(root.objects("x", { limit: 4 }))).rejects.toThrow(
          `an X-TAXII-Date-Added-Last that is not a date: "${text}"`,
        );
        expect(requests).toHaveLength(1);
      },
    );

    test("says so where more were added in one moment than a page holds", async () => {
      const { root } = await serveByDate();
      await expect(pagesOf(root.objects("x", { limit: 2 }))).rejects.toThrow("a larger `limit`");
    });
  });

  test("refuses to walk in circles: a token that was used, an added_after that stands still", async () => {
    const circle = await serve(() => ({ body: { more: true, next: "1", objects: [a] } }));
    await expect(pagesOf(circle.root.objects("x"))).rejects.toThrow("pages never end");
    expect(circle.requests).toHaveLength(2);

    const headers = { "X-TAXII-Date-Added-Last": "2024-01-01T00:00:00Z" };
    const still = await serve(() => ({ body: { more: true, objects: [a] }, headers }));
    await expect(pagesOf(still.root.objects("x"))).rejects.toThrow(TaxiiError);
    expect(still.requests).toHaveLength(2);
  });

  test.each([
    ["a text", "k"],
    ["a number", 1],
  ])(
    "takes %s for a token that is the same on every page, while the content moves on",
    async (_kind, next) => {
      const pages = [a, b, c];
      const { root, requests } = await serve((query) => {
        const more = pages.length > 1;
        if (query.has("next")) {
          expect(query.get("next")).toBe(String(next));
        }
        return { body: { objects: pages.splice(0, 1), more, ...(more && { next }) } };
      });
      expect((await pagesOf(root.objects("x"))).flatMap(({ entries }) => entries)).toEqual([a, b, c]);
      expect(requests).toHaveLength(3);
    },
  );

  test("refuses the same page with the same token for ever", async () => {
    const pages = [[a], [b], [c], [c], [c]];
    const { root } = await serve(() => ({ body: { more: true, next: 1, objects: pages.shift() } }));
    const received: unknown[] = [];
    const walk = async () => {
      for await (const { entries } of root.objects("x")) {
        received.push(...entries);
      }
    };
    await expect(walk()).rejects.toThrow("it sent a page that was already read");
    expect(received).toEqual([a, b, c]);
  });

  describe("pages without end", () => {
    const entriesOf = {
      "new ones": (count: number) => [{ ...a, id: `tool--${count}` }],
      "the same ones": () => [a, b],
      none: () => [],
    };

    test.each([
      ["new ones", "set `maxPages` to a higher number", 30],
      ["the same ones", "100 in a row had nothing new", 101],
      ["none", "100 in a row had nothing new", 100],
    ] as const)(
      "of %s with ever new tokens are an error that says what to set",
      async (what, message, most) => {
        for (const resource of ["objects", "versions"] as const) {
          let count = 0;
          const { root, requests } = await serve(() => {
            count += 1;
            const entries = entriesOf[what](count);
            const list = resource === "objects" ? entries : entries.map(({ id }) => id);
            return { body: { more: true, next: String(count), [resource]: list } };
          });
          const maxPages = what === "new ones" ? 30 : 1000;
          const walk =
            resource === "objects" ? root.objects("x", { maxPages }) : root.versions("x", "y", { maxPages });
          await expect(pagesOf(walk)).rejects.toThrow(message);
          expect(requests.length).toBeLessThanOrEqual(most);
        }
      },
    );

    test("are none where a few in between are empty", async () => {
      const { root } = await serve((query) => {
        const page = Number(query.get("next") ?? 0);
        return {
          body: {
            more: page < 60,
            next: String(page + 1),
            objects: page % 30 === 0 ? [{ ...a, id: `tool--${page}` }] : [],
          },
        };
      });
      expect((await pagesOf(root.objects("x"))).flatMap(({ entries }) => entries)).toHaveLength(3);
    });
  });

  test("goes on by date where the server forgets the token it handed out, and says so where it cannot", async () => {
    const tools = Array.from({ length: 6 }, (_, index) => ({ type: "tool", id: `tool--${index}` }));
    const dates = [1, 2, 2, 3, 4, 5].map((day) => `2024-01-0${day}T00:00:00Z`);
    const answerOf = (honoursDate: boolean) => (query: URLSearchParams) => {
      if (query.has("next")) {
        return { status: 400, body: { title: "'next' not valid" } };
      }
      const after = honoursDate ? (query.get("added_after") ?? "") : "";
      const left = tools.filter((_, index) => (dates[index] ?? "") > after);
      const objects = left.slice(0, 2);
      const last = dates[tools.indexOf(objects.at(-1) ?? tools[0] ?? { type: "", id: "" })] ?? "";
      const headers = { "X-TAXII-Date-Added-Last": last };
      return { body: { objects, more: left.length > 2, next: "k" }, headers };
    };
    const { root } = await serve(answerOf(true));
    await expect(pagesOf(root.objects("x", { limit: 2 }))).rejects.toThrow("'next' not valid");
    tools.splice(2, 1);
    dates.splice(2, 1);
    const sorted = await serve(answerOf(true));
    expect((await pagesOf(sorted.root.objects("x", { limit: 2 }))).flatMap(({ entries }) => entries)).toEqual(
      tools,
    );
    const unsorted = await serve(answerOf(false));
    await expect(pagesOf(unsorted.root.objects("x", { limit: 2 }))).rejects.toThrow("'next' not valid");
  });

  test("says that a wait may be longer than a token lives, where the refused one is old", async () => {
    const { root } = await serve((query) =>
      query.has("next")
        ? { status: 400, body: { title: "'next' not valid" } }
        : { body: { more: true, next: "k", objects: [a] } },
    );
    const young = pagesOf(root.objects("x"));
    await expect(young).rejects.toThrow(/'next' not valid \(HTTP 400\)$/);
    let now = 1_700_000_000_000;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => {
      now += 600_000;
      return now;
    });
    const old = pagesOf(root.objects("x")).finally(() => clock.mockRestore());
    await expect(old).rejects.toThrow(/was \d+00 s old.*no `budget` of the HTTP client/);
  });

  test("says so where there is more but nothing to go on with", async () => {
    const { root } = await serve(() => ({ body: { more: true, objects: [a] } }));
    await expect(pagesOf(root.objects("x"))).rejects.toThrow("but not how to request them");
  });

  test.each([
    { name: "an empty object", answer: { body: {} }, notFound: false },
    { name: "a TAXII 404", answer: { status: 404, body: { title: "Not Found" } }, notFound: true },
    { name: "a bare 404", answer: { status: 404, body: "" }, notFound: true },
  ])("reads $name as an empty collection", async ({ answer, notFound }) => {
    const { root } = await serve(() => answer);
    expect(await pagesOf(root.manifest("x"))).toMatchObject([{ entries: [], next: undefined, notFound }]);
  });

  test.each([
    { status: 200, body: { title: "Internal Error", description: "try again" } },
    { status: 200, body: { title: "Not Found", http_status: "404" } },
    { status: 200, body: { message: "try again" } },
    { status: 304, body: "" },
  ])("does not take %j for the end of the pages", async (answer) => {
    const server = await serve((query) =>
      query.get("next") === "1" ? answer : { body: { more: true, next: "1", objects: [a] } },
    );
    await expect(pagesOf(server.root.objects("1"))).rejects.toThrow(TaxiiError);
  });

  test("does not read a gateway's HTML 404 as an empty collection", async () => {
    const { root } = await serve(() => ({ status: 404, body: "<html>" }));
    await expect(pagesOf(root.manifest("x"))).rejects.toThrow("sent HTML, not TAXII");
  });

  test("stops asking where the reader breaks off", async () => {
    const { root, requests } = await serve((query) => numbered([a, b, c], query));
    for await (const _page of root.objects("x", { limit: 1 })) {
      break;
    }
    expect(requests).toHaveLength(1);
  });

  test("keeps what is no STIX object, as received", async () => {
    const { root } = await serve(() => ({ body: { objects: [a, { type: "tool" }, null, "x", b] } }));
    const [page] = await pagesOf(root.objects("x"));
    expect(page?.entries).toEqual([a, { type: "tool" }, null, "x", b]);
    expect(page?.entries.filter(isStixObject)).toEqual([a, b]);
  });

  test("reads the versions of one object", async () => {
    const { root, requests } = await serve(() => ({ body: { more: false, versions: ["v1", "v2"] } }));
    const pages = await pagesOf(root.versions("x", "tool--a"));
    expect(pages.flatMap(({ entries }) => entries)).toEqual(["v1", "v2"]);
    expect(requests).toEqual(["/api/collections/x/objects/tool--a/versions/"]);
  });

  test("reads one object in all versions", async () => {
    const { root, requests } = await serve(() => ({ body: { objects: [a] } }));
    await pagesOf(root.object("x", "tool--a", { match: { version: "all" } }));
    expect(requests).toEqual(["/api/collections/x/objects/tool--a/?match[version]=all"]);
  });
});
