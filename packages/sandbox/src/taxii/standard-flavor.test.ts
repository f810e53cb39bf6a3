import { describe, expect, test } from "vitest";
import {
  attackBundle,
  day,
  enterpriseId,
  getTaxii,
  icsId,
  mobileId,
  objectA,
  objectB,
  objectC,
  openSandbox,
  stixObject,
  type TaxiiAnswer,
  writeFiles,
  writeTwoReleases,
} from "../testing/sandbox.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

const ics = `/api/v21/collections/${icsId}/`;

async function openTwoReleases(taxii: TaxiiBehavior = {}) {
  return openSandbox({ flavor: "standard", attackFiles: await writeTwoReleases(), taxii });
}

describe("API roots and collections", () => {
  test("is one root", async () => {
    const sandbox = await openSandbox({ flavor: "standard" });
    const root = "/api/v21/";
    expect((await getTaxii(sandbox, "/taxii2/")).body).toMatchObject({ default: root, api_roots: [root] });
    const { body } = await getTaxii(sandbox, "/api/v21/collections/");
    expect(body.collections?.map(({ id }) => id)).toEqual([enterpriseId, icsId, mobileId]);
    expect(body.collections?.[0]).toMatchObject({ media_types: ["application/stix+json;version=2.1"] });
  });

  test("has no list of collections where there are none", async () => {
    const sandbox = await openSandbox({ flavor: "standard", attackFiles: [] });
    expect((await getTaxii(sandbox, "/api/v21/collections/")).body).toEqual({});
  });

  test("needs the slash at the end of a path", async () => {
    const sandbox = await openSandbox({ flavor: "standard" });
    expect((await getTaxii(sandbox, "/api/v21/collections")).status).toBe(404);
  });

  test("can hold a collection that cannot be read", async () => {
    const sandbox = await openSandbox({ flavor: "standard", taxii: { unreadable: [icsId] } });
    expect((await getTaxii(sandbox, ics)).body).toMatchObject({ id: icsId, can_read: false });
    for (const path of ["objects/", "manifest/", `objects/${objectA}/`, `objects/${objectA}/versions/`]) {
      expect((await getTaxii(sandbox, ics + path)).status).toBe(403);
    }
    const other = await getTaxii(sandbox, `/api/v21/collections/${mobileId}/`);
    expect(other.body).toMatchObject({ can_read: true });
  });

  test("takes a list in Accept, and wildcards", async () => {
    const sandbox = await openSandbox({ flavor: "standard" });
    const status = async (accept: string) => (await getTaxii(sandbox, "/taxii2/", { accept })).status;
    expect(await status("text/html, application/taxii+json; version=2.1; q=0.9")).toBe(200);
    expect(await status("*/*")).toBe(200);
    expect(await status("application/json")).toBe(406);
    expect(await status("application/taxii+json;version=2.0")).toBe(406);
  });

  test("sends error messages with an error_code", async () => {
    const sandbox = await openSandbox({ flavor: "standard" });
    const { body } = await getTaxii(sandbox, "/api/v21/collections/nope/");
    expect(body).toMatchObject({ http_status: "404", error_code: "collection-not-found" });
  });
});

describe("a bundle that is not ATT&CK's", () => {
  const bundle = { type: "bundle", id: "bundle--1", objects: [stixObject(objectA, {})] };

  test("becomes a collection named after its file, with the same id every time", async () => {
    const ids: (string | undefined)[] = [];
    for (const flavor of ["standard", "attack"] as const) {
      const files = await writeFiles({ "our indicators.json": bundle });
      const sandbox = await openSandbox({ flavor, attackFiles: files });
      const { body } = await getTaxii(sandbox, "/api/v21/collections/");
      expect(body.collections).toMatchObject([{ title: "our indicators" }]);
      ids.push(body.collections?.[0]?.id);
    }
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  test("can hold objects without dates: their version is the date they were added", async () => {
    const sandbox = await openSandbox({
      flavor: "standard",
      attackFiles: await writeFiles({ "observables.json": bundle }),
    });
    const id = (await getTaxii(sandbox, "/api/v21/collections/")).body.collections?.[0]?.id;
    const [record] = (await getTaxii(sandbox, `/api/v21/collections/${id}/manifest/`)).body.objects ?? [];
    expect(record).toMatchObject({ id: objectA, media_type: "application/stix+json;version=2.1" });
    expect(record?.version).toBe(record?.date_added);
  });
});

describe("versions", () => {
  test("of all releases are in one collection, of which the newest are the default", async () => {
    const sandbox = await openTwoReleases();
    const names = async (query: string) => {
      const { body } = await getTaxii(sandbox, `${ics}objects/?match[type]=malware,tool&${query}`);
      return body.objects?.map(({ id, modified }) => `${id.at(-1)} ${String(modified).slice(0, 10)}`);
    };
    expect(await names("")).toEqual(["b 2021-01-01", "a 2025-10-01", "c 2025-09-01"]);
    expect(await names("match[version]=last")).toEqual(["b 2021-01-01", "a 2025-10-01", "c 2025-09-01"]);
    expect(await names("match[version]=first")).toEqual(["a 2025-01-01", "b 2021-01-01", "c 2025-09-01"]);
    const all = ["a 2025-01-01", "b 2021-01-01", "a 2025-10-01", "c 2025-09-01"];
    expect(await names("match[version]=all")).toEqual(all);
    expect(await names(`match[version]=${day("2025-01-01")}`)).toEqual(["a 2025-01-01"]);
    expect(await names("match[version]=2025-01-01T00:00:00Z,last")).toEqual(all);
  });

  test("of one object are listed from old to new", async () => {
    const sandbox = await openTwoReleases();
    const { body } = await getTaxii(sandbox, `${ics}objects/${objectA}/versions/`);
    expect(body).toEqual({ versions: [day("2025-01-01"), day("2025-10-01")] });
    const one = await getTaxii(sandbox, `${ics}objects/${objectA}/?match[version]=all`);
    expect(one.ids).toEqual([objectA, objectA]);
  });

  test("each have a manifest record, with a date added of their own", async () => {
    const sandbox = await openTwoReleases();
    const { body } = await getTaxii(sandbox, `${ics}manifest/?match[version]=all`);
    expect(body.objects?.map(({ id, date_added }) => [id, date_added])).toEqual([
      [icsId, "2025-05-06T00:00:00.000001Z"],
      [objectA, "2025-05-06T00:00:00.000002Z"],
      [objectB, "2025-05-06T00:00:00.000003Z"],
      [icsId, "2025-11-13T00:00:00.000001Z"],
      [objectA, "2025-11-13T00:00:00.000002Z"],
      [objectC, "2025-11-13T00:00:00.000003Z"],
    ]);
  });
});

describe("an object that a later release repeats unchanged", () => {
  test("is listed once, with the date it was first added", async () => {
    const unchanged = stixObject(objectB, { created: day("2021-01-01"), modified: day("2021-01-01") });
    const attackFiles = await writeFiles({
      "newer.json": attackBundle("18.1", day("2025-11-13"), [unchanged]),
      "older.json": attackBundle("17.1", day("2025-05-06"), [unchanged]),
    });
    const sandbox = await openSandbox({ flavor: "standard", attackFiles });
    const { body } = await getTaxii(sandbox, `${ics}manifest/?match[version]=all&match[id]=${objectB}`);
    expect(body.objects).toMatchObject([{ id: objectB, date_added: "2025-05-06T00:00:00.000002Z" }]);
  });
});

describe("added_after", () => {
  test("is compared with the date added, to the microsecond", async () => {
    const sandbox = await openTwoReleases();
    const ids = async (list: string, after: string) =>
      (await getTaxii(sandbox, `${ics}${list}/?added_after=${after}`)).ids;
    for (const list of ["objects", "manifest"]) {
      expect(await ids(list, "2025-08-01T00:00:00Z")).toEqual([icsId, objectA, objectC]);
      expect(await ids(list, "2025-11-13T00:00:00.000001Z")).toEqual([objectA, objectC]);
      expect(await ids(list, "2025-11-13T00:00:00.000003Z")).toEqual([]);
    }
  });
});

describe("pages", () => {
  const all = `${ics}objects/?match[version]=all`;

  test("follow an opaque next, with another limit too", async () => {
    const sandbox = await openTwoReleases();
    const first = await getTaxii(sandbox, `${all}&limit=2`);
    expect(first.body).toMatchObject({ more: true });
    expect(Number.isNaN(Number(first.body.next))).toBe(true);
    const rest = await getTaxii(sandbox, `${all}&limit=50&next=${first.body.next}`);
    expect(rest.body).not.toHaveProperty("more");
    expect([...first.ids, ...rest.ids]).toEqual([icsId, objectA, objectB, icsId, objectA, objectC]);
  });

  test("refuse a next that belongs to another filter, and a limit that is none", async () => {
    const sandbox = await openTwoReleases();
    const { body } = await getTaxii(sandbox, `${all}&limit=2`);
    expect((await getTaxii(sandbox, `${ics}objects/?limit=2&next=${body.next}`)).status).toBe(400);
    expect((await getTaxii(sandbox, `${all}&limit=2&next=1`)).status).toBe(400);
    expect((await getTaxii(sandbox, `${all}&limit=0`)).status).toBe(400);
    expect((await getTaxii(sandbox, `${all}&limit=many`)).status).toBe(400);
  });

  test("can be shorter than limit, and come without one", async () => {
    const sandbox = await openTwoReleases({ maxPageSize: 4 });
    for (const query of ["", "&limit=100"]) {
      const { ids, body } = await getTaxii(sandbox, all + query);
      expect(ids).toHaveLength(4);
      expect(body).toMatchObject({ more: true, next: expect.any(String) });
    }
    expect((await getTaxii(sandbox, `${all}&limit=3`)).ids).toHaveLength(3);
  });

  test("can lack next: then added_after with the last date added goes on", async () => {
    const sandbox = await openTwoReleases({ omitNext: true, maxPageSize: 2 });
    const collected: string[] = [];
    let page: TaxiiAnswer = await getTaxii(sandbox, all);
    collected.push(...page.ids);
    while (page.body.more) {
      expect(page.body).not.toHaveProperty("next");
      const after = page.headers.get("x-taxii-date-added-last");
      page = await getTaxii(sandbox, `${all}&added_after=${after}`);
      collected.push(...page.ids);
    }
    expect(collected).toEqual([icsId, objectA, objectB, icsId, objectA, objectC]);
  });

  test("tell the first and last date added", async () => {
    const sandbox = await openTwoReleases();
    const { headers } = await getTaxii(sandbox, `${all}&limit=3`);
    expect(headers.get("x-taxii-date-added-first")).toBe("2025-05-06T00:00:00.000001Z");
    expect(headers.get("x-taxii-date-added-last")).toBe("2025-05-06T00:00:00.000003Z");
  });
});

describe("nothing to answer", () => {
  test.each([
    [undefined, 200, {}],
    ["empty-object", 200, {}],
    ["empty-list", 200, { more: false, objects: [] }],
    ["not-found", 404, { http_status: "404" }],
  ] as const)("is answered as %s", async (emptyAnswer, status, body) => {
    const sandbox = await openTwoReleases(emptyAnswer === undefined ? {} : { emptyAnswer });
    for (const list of ["objects", "manifest"]) {
      const answer = await getTaxii(sandbox, `${ics}${list}/?match[type]=grouping`);
      expect(answer).toMatchObject({ status, body });
    }
  });
});

test("an answer that is rewritten has a head, too", async () => {
  const sandbox = await openTwoReleases({ omitNext: true });
  const headers = { accept: "application/taxii+json;version=2.1" };
  const url = new URL(`${ics}objects/?limit=1`, sandbox.taxiiUrl);
  const { status, body } = await fetch(url, { method: "HEAD", headers });
  expect([status, body]).toEqual([200, null]);
});

describe("a server that ignores parameters", () => {
  test.each([
    ["match[version]", "match[version]=all", 4],
    ["match[id]", `match[id]=${objectA}`, 4],
    ["match[type]", "match[type]=tool", 4],
    ["match[spec_version]", "match[spec_version]=2.0", 4],
    ["added_after", "added_after=2030-01-01T00:00:00Z", 4],
    ["limit", "limit=1", 4],
    ["next", "next=anything", 4],
  ] as const)("acts as if %s were not there", async (parameter, query, expected) => {
    const ignoring = await openTwoReleases({ ignore: [parameter] });
    expect((await getTaxii(ignoring, `${ics}objects/?${query}`)).ids).toHaveLength(expected);
    const honouring = await openTwoReleases();
    expect((await getTaxii(honouring, `${ics}objects/?${query}`)).ids).not.toHaveLength(expected);
  });
});

describe("authentication", () => {
  test.each([
    [
      { kind: "basic", username: "reader", password: "secret" },
      { authorization: `Basic ${btoa("reader:secret")}` },
      'Basic realm="taxii"',
    ],
    [{ kind: "bearer", token: "t0ken" }, { authorization: "Bearer t0ken" }, "Bearer"],
    [{ kind: "api-key", header: "X-API-Key", key: "k3y" }, { "x-api-key": "k3y" }, null],
  ] as const)("by $kind", async (auth, right, challenge) => {
    const sandbox = await openTwoReleases({ auth });
    expect((await getTaxii(sandbox, "/taxii2/", right)).status).toBe(200);
    for (const wrong of [{}, { authorization: "Bearer other" }, { "x-api-key": "other" }]) {
      const refused = await getTaxii(sandbox, `${ics}objects/`, wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers.get("www-authenticate")).toBe(challenge);
      expect(refused.body).toMatchObject({ http_status: "401" });
    }
  });
});

describe("a server that sends an ETag", () => {
  test("answers 304 to a request for what the asker has, and sends anything else", async () => {
    const sandbox = await openTwoReleases({ etag: true });
    const first = await getTaxii(sandbox, `${ics}manifest/?limit=50`);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const same = await getTaxii(sandbox, `${ics}manifest/?limit=50`, { "if-none-match": etag });
    expect(same).toMatchObject({ status: 304, text: "" });
    const other = await getTaxii(sandbox, `${ics}manifest/?limit=1`, { "if-none-match": etag });
    expect(other.status).toBe(200);
    expect(other.headers.get("etag")).not.toBe(etag);
  });
});
