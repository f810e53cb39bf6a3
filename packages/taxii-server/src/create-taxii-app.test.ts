import { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { createTaxiiApp } from "./create-taxii-app.js";
import { createMemorySource } from "./memory/create-memory-source.js";
import {
  collectionId,
  malware,
  observable,
  root,
  secondRoot,
  tool,
  unreadableId,
} from "./testing/content.js";
import { type Answer, type Send, serveApp } from "./testing/serve-app.js";

const collection = `/api/collections/${collectionId}/`;
const mediaType = "application/taxii+json;version=2.1";

let send: Send;
beforeAll(async () => {
  const source = createMemorySource([root, secondRoot]);
  send = await serveApp(createTaxiiApp([source], { title: "Test server", contact: "us@example.com" }));
});

function expectError({ status, headers, body }: Answer, expected: number, code: string): void {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe(mediaType);
  expect(body).toEqual({
    title: expect.any(String),
    description: expect.any(String),
    error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    error_code: code,
    http_status: String(expected),
    external_details: expect.stringMatching(/^https:/),
  });
}

describe("discovery", () => {
  test("names the server and its API roots", async () => {
    const { status, headers, body } = await send("/taxii2/");
    expect([status, headers.get("content-type")]).toEqual([200, mediaType]);
    expect(body).toEqual({
      title: "Test server",
      contact: "us@example.com",
      default: "/api/",
      api_roots: ["/api/", "/api/second/"],
    });
  });

  test("has no list where there are no API roots", async () => {
    const app = createTaxiiApp([], { title: "Empty" });
    const response = await app.request("/taxii2/", { headers: { accept: mediaType } });
    expect(await response.json()).toEqual({ title: "Empty" });
  });
});

describe("an API root", () => {
  test("describes itself and its collections, and the longest path that fits is the one", async () => {
    expect((await send("/api/")).body).toEqual({
      title: "Some content",
      description: "For tests",
      versions: [mediaType],
      max_content_length: 104_857_600,
    });
    expect((await send("/api/second/")).body).toMatchObject({ title: "Second" });
    const readable = {
      id: collectionId,
      alias: "indicators",
      title: "Indicators",
      can_read: true,
      can_write: false,
      media_types: ["application/stix+json;version=2.1"],
    };
    expect((await send("/api/collections/")).body).toEqual({
      collections: [readable, expect.objectContaining({ id: unreadableId, can_read: false })],
    });
    expect((await send(collection)).body).toEqual(readable);
    expect((await send("/api/collections/indicators/")).body).toEqual(readable);
    expect((await send("/api/second/collections/")).body).toEqual({});
  });
});

describe("a collection", () => {
  test("has objects: the last version of each, as they came, in the order in which they were added", async () => {
    const { headers, body } = await send(`${collection}objects/`);
    expect(body).toEqual({
      objects: [
        expect.objectContaining({ id: tool, spec_version: "2.0" }),
        expect.objectContaining({ id: malware, name: "zweite – ünï" }),
        { type: "ipv4-addr", spec_version: "2.1", id: observable, value: "192.0.2.1" },
      ],
    });
    expect(headers.get("x-taxii-date-added-first")).toBe("2026-01-01T00:00:00.000002Z");
    expect(headers.get("x-taxii-date-added-last")).toBe("2026-02-01T00:00:00.000002Z");
  });

  test("has a manifest of all versions, each with its date", async () => {
    const record = (id: string, date_added: string, version: string, spec = "2.1") => ({
      id,
      date_added,
      version,
      media_type: `application/stix+json;version=${spec}`,
    });
    const { body } = await send(`${collection}manifest/?match[version]=all`);
    expect(body).toEqual({
      objects: [
        record(malware, "2026-01-01T00:00:00.000001Z", "2025-01-01T00:00:00.000Z"),
        record(tool, "2026-01-01T00:00:00.000002Z", "2025-02-01T00:00:00.000Z", "2.0"),
        record(malware, "2026-02-01T00:00:00.000001Z", "2026-01-15T00:00:00.000Z"),
        record(observable, "2026-02-01T00:00:00.000002Z", "2026-02-01T00:00:00.000002Z"),
      ],
    });
  });

  test("has single objects, and their versions", async () => {
    expect((await send(`${collection}objects/${malware}/`)).body.objects).toMatchObject([
      { id: malware, modified: "2026-01-15T00:00:00.000Z" },
    ]);
    const first = await send(`${collection}objects/${malware}/?match[version]=first`);
    expect(first.body.objects).toMatchObject([{ id: malware, name: "first" }]);
    const { headers, body } = await send(`${collection}objects/${malware}/versions/`);
    expect(body).toEqual({ versions: ["2025-01-01T00:00:00.000Z", "2026-01-15T00:00:00.000Z"] });
    expect(headers.get("x-taxii-date-added-last")).toBe("2026-02-01T00:00:00.000001Z");
  });

  test.each([
    ["match[type]=malware,ipv4-addr", [malware, observable]],
    [`match[id]=${tool},${observable}`, [tool, observable]],
    [`match[id]=${tool}&match[type]=malware`, []],
    ["match[spec_version]=2.0", [tool]],
    ["match[version]=first", [malware, tool, observable]],
    ["match[version]=all", [malware, tool, malware, observable]],
    ["match[version]=2025-01-01T00:00:00Z,last", [malware, tool, malware, observable]],
    ["added_after=2026-01-01T00:00:00.000001Z", [tool, malware, observable]],
    ["added_after=2026-01-15T12:00:00%2B01:00", [malware, observable]],
    ["added_after=2026-02-01T00:00:00.000002Z", []],
    ["unknown=1&match=2", [tool, malware, observable]],
  ])("is filtered by %s", async (query, ids) => {
    for (const list of ["objects", "manifest"]) {
      const answer = await send(`${collection}${list}/?${query}`);
      expect([answer.status, answer.ids]).toEqual([200, ids]);
      if (ids.length === 0) {
        expect(answer.text).toBe("{}");
        expect(answer.headers.has("x-taxii-date-added-first")).toBe(false);
      }
    }
  });

  test("tells an object of which no version passes the filter from one that is not there", async () => {
    for (const path of [`objects/${malware}/`, `objects/${malware}/versions/`]) {
      const nothing = await send(`${collection}${path}?added_after=2030-01-01T00:00:00Z`);
      expect([nothing.status, nothing.text]).toEqual([200, "{}"]);
    }
    const missing = `${collection}objects/malware--00000000-0000-4000-8000-00000000000f/`;
    expectError(await send(missing), 404, "object-not-found");
    expectError(await send(`${missing}versions/`), 404, "object-not-found");
    expectError(await send(`${collection}objects/a%20b/`), 404, "not-found");
  });
});

describe("a path", () => {
  test.each([
    "/taxii2",
    "/api",
    "/api/collections",
    collection.slice(0, -1),
    `${collection}manifest?limit=1`,
    `${collection}objects?limit=1`,
    `${collection}objects/${malware}`,
    `${collection}objects/${malware}/versions`,
  ])("%s needs no slash at its end", async (path) => {
    const bare = await send(path);
    const [pathname, query] = path.split("?");
    const slashed = await send(`${pathname}/${query === undefined ? "" : `?${query}`}`);
    expect([bare.status, bare.text]).toEqual([200, slashed.text]);
  });

  test.each([
    ["/api/collections/nope/", "collection-not-found"],
    ["/api/collections/nope/objects/", "collection-not-found"],
    ["/api/collections/..%2F..%2F/", "collection-not-found"],
    ["/api/collections/%zz/", "collection-not-found"],
    [`/api/second/collections/${collectionId}/`, "collection-not-found"],
    ["/api/status/2d086da7-4bdc-4f91-900e-d77486753710/", "not-found"],
    ["/api/nope/", "not-found"],
    ["/api//collections/", "not-found"],
    [`${collection}objects/${malware}/nope/`, "not-found"],
    ["/apix/", "not-found"],
    ["/", "not-found"],
  ])("%s leads nowhere", async (path, code) => {
    expectError(await send(path), 404, code);
  });
});

describe("a request", () => {
  test("for what cannot be read is forbidden", async () => {
    for (const path of ["objects", "manifest", `objects/${malware}`, `objects/${malware}/versions`]) {
      expectError(await send(`/api/collections/${unreadableId}/${path}/`), 403, "forbidden");
    }
  });

  test("that does not accept TAXII 2.1 gets 406", async () => {
    for (const path of ["/taxii2/", "/api/", `${collection}objects/`, "/api/nope/"]) {
      expectError(await send(path, { headers: { accept: "application/json" } }), 406, "not-acceptable");
    }
    expect((await send("/taxii2/", { headers: { accept: "text/html, */*;q=0.1" } })).status).toBe(200);
  });

  test("with a query that is too long gets 414", async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `malware--${String(index).padStart(36, "0")}`);
    const answer = await send(`${collection}objects/?match[id]=${ids.join(",")}`);
    expectError(answer, 414, "query-too-long");
    const shorter = await send(`${collection}objects/?match[id]=${ids.slice(0, 150).join(",")}`);
    expect(shorter.status).toBe(200);
  });

  test("to write is forbidden, as the collection says, and its content type is checked before", async () => {
    const body = JSON.stringify({ objects: [] });
    const post = (type: string, path = `${collection}objects/`) =>
      send(path, { method: "POST", body, headers: { "content-type": type } });
    expectError(await post(mediaType), 403, "forbidden");
    expectError(await post("application/json"), 415, "unsupported-media-type");
    expectError(await post(mediaType, "/api/collections/nope/objects/"), 404, "collection-not-found");
    expectError(await send(`${collection}objects/${malware}/`, { method: "DELETE" }), 403, "forbidden");
  });

  test.each([
    ["POST", "/taxii2/", "HEAD, GET"],
    ["DELETE", "/api/", "HEAD, GET"],
    ["PUT", "/api/collections/", "HEAD, GET"],
    ["PATCH", collection, "HEAD, GET"],
    ["POST", `${collection}manifest/`, "HEAD, GET"],
    ["DELETE", `${collection}objects/`, "HEAD, GET, POST"],
    ["PUT", `${collection}objects/${malware}/`, "HEAD, GET, DELETE"],
    ["DELETE", `${collection}objects/${malware}/versions/`, "HEAD, GET"],
    ["OPTIONS", "/taxii2/", "HEAD, GET"],
    ["POST", "/api/status/1/", "HEAD, GET"],
  ])("%s %s is no method of this path", async (method, path, allowed) => {
    const answer = await send(path, { method });
    expectError(answer, 405, "method-not-allowed");
    expect(answer.headers.get("allow")).toBe(allowed);
  });

  test.each(["/taxii2/", "/api/", "/api/collections/", collection, `${collection}objects/?limit=1`, "/nope"])(
    "HEAD %s has the headers of GET, and no body",
    async (path) => {
      const [head, get] = [await send(path, { method: "HEAD" }), await send(path)];
      expect([head.status, head.text]).toEqual([get.status, ""]);
      for (const name of ["content-type", "etag", "x-taxii-date-added-first", "x-taxii-date-added-last"]) {
        expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
    },
  );
});

describe("an ETag", () => {
  test.each([
    "/taxii2/",
    "/api/",
    "/api/collections/",
    collection,
    `${collection}manifest/`,
    `${collection}objects/?limit=2`,
    `${collection}objects/${malware}/versions/`,
  ])("of %s spares the client what it has", async (path) => {
    const etag = (await send(path)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"[\w-]{43}"$/);
    for (const condition of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const same = await send(path, { headers: { "if-none-match": condition } });
      expect([same.status, same.text, same.headers.get("etag")]).toEqual([304, "", etag]);
    }
    const other = await send(path, { headers: { "if-none-match": '"other"' } });
    expect([other.status, other.headers.get("etag")]).toEqual([200, etag]);
  });

  test("is not compared where nothing is, with any version", async () => {
    for (const path of [`${collection}objects/tool--none/`, "/api/collections/none/objects/"]) {
      expect((await send(path, { headers: { "if-none-match": "*" } })).status).toBe(404);
    }
  });

  test("differs from page to page, and with the content", async () => {
    const etagOf = async (path: string) => (await send(`${collection}${path}`)).headers.get("etag");
    const paths = ["objects/", "manifest/", "objects/?limit=1", "objects/?match[type]=tool"];
    const etags = await Promise.all(paths.map(etagOf));
    expect(new Set(etags).size).toBe(paths.length);

    const [first, ...more] = root.collections;
    const changed = { ...root, collections: [{ id: "", title: "", ...first, bundles: [] }, ...more] };
    const app = createTaxiiApp([createMemorySource([changed])], { title: "Changed" });
    const condition = { accept: mediaType, "if-none-match": etags[0] ?? "" };
    expect((await app.request(`${collection}objects/`, { headers: condition })).status).toBe(200);
  });
});

test("the server can be a part of another app, which gets what is not TAXII's", async () => {
  const other = new Hono();
  other.get("/", (c) => c.text("a page"));
  other.notFound((c) => c.text("none of mine", 404));
  other.route("/", createTaxiiApp([createMemorySource([root])], { title: "A part" }));
  const whole = await serveApp(other);
  expect((await whole("/")).text).toBe("a page");
  expect((await whole("/nope")).text).toBe("none of mine");
  expect((await whole("/taxii2")).body).toMatchObject({ title: "A part" });
  expect((await whole(`${collection}objects/`)).ids).toHaveLength(3);
  expectError(await whole(`${collection}objects/?limit=0`), 400, "bad-request");
});
