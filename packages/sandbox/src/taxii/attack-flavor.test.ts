import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
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
  writeFiles,
  writeTwoReleases,
} from "../testing/sandbox.js";

const latest = `/api/v21/collections/${icsId}/`;
const pinned = (version: string) => `/api/v21/attack-${version}/collections/${icsId}/`;

describe("API roots", () => {
  test("are listed by discovery as paths: the latest one, then the releases from old to new", async () => {
    const sandbox = await openSandbox();
    const { status, headers, body } = await getTaxii(sandbox, "/taxii2/");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/taxii+json;version=2.1");
    expect(body).toMatchObject({
      default: "/api/v21",
      api_roots: ["/api/v21", "/api/v21/attack-14.1", "/api/v21/attack-17.1", "/api/v21/attack-18.1"],
    });
  });

  test("say which TAXII version they speak", async () => {
    const sandbox = await openSandbox();
    for (const path of ["/api/v21/", "/api/v21", "/api/v21/attack-17.1/"]) {
      const { status, body } = await getTaxii(sandbox, path);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        versions: ["application/taxii+json;version=2.1"],
        max_content_length: 1000,
      });
    }
  });

  test("list the collections that their release has", async () => {
    const sandbox = await openSandbox();
    const list = async (root: string) =>
      (await getTaxii(sandbox, `${root}collections/`)).body.collections?.map(({ id }) => id);
    expect(await list("/api/v21/")).toEqual([enterpriseId, icsId, mobileId]);
    expect(await list("/api/v21/attack-14.1/")).toEqual([mobileId]);
    expect(await list("/api/v21/attack-17.1/")).toEqual([icsId]);
    expect(await list("/api/v21/attack-18.1/")).toEqual([enterpriseId, icsId]);
  });

  test("hold the content of their release, and the latest root that of the newest, whatever the order of files", async () => {
    const [older, newer] = await writeTwoReleases();
    const sandbox = await openSandbox({ attackFiles: [newer ?? "", older ?? ""] });
    const ids = async (path: string) => (await getTaxii(sandbox, `${path}objects/`)).ids;
    expect(await ids(pinned("17.1"))).toEqual([icsId, objectA, objectB]);
    expect(await ids(pinned("18.1"))).toEqual([icsId, objectA, objectC]);
    expect(await ids(latest)).toEqual([icsId, objectA, objectC]);
  });

  test("are pinned to betas, too, and list for each release what it has of several domains", async () => {
    const ics = { id: icsId, name: "ICS ATT&CK" };
    const enterprise = { id: enterpriseId, name: "Enterprise ATT&CK" };
    const mobile = { id: mobileId, name: "Mobile ATT&CK" };
    const attackFiles = await writeFiles({
      "a.json": attackBundle("19.0", day("2026-04-28"), [], ics),
      "b.json": attackBundle("19.0-beta", day("2026-04-01"), [], ics),
      "c.json": attackBundle("18.1", day("2025-11-13"), [], ics),
      "d.json": attackBundle("18.1", day("2025-11-13"), [], enterprise),
      "e.json": attackBundle("19.0-beta", day("2026-04-01"), [], mobile),
      "f.json": attackBundle("9.0", day("2021-04-29"), [], mobile),
    });
    const sandbox = await openSandbox({ attackFiles });
    expect((await getTaxii(sandbox, "/taxii2/")).body.api_roots).toEqual([
      "/api/v21",
      "/api/v21/attack-9.0",
      "/api/v21/attack-18.1",
      "/api/v21/attack-19.0-beta",
      "/api/v21/attack-19.0",
    ]);
    const releases = async (root: string) => {
      const { body } = await getTaxii(sandbox, `${root}/collections/`);
      const found: (readonly unknown[])[] = [];
      for (const { id } of body.collections ?? []) {
        const [collection] =
          (await getTaxii(sandbox, `${root}/collections/${id}/objects/`)).body.objects ?? [];
        found.push([id, collection?.x_mitre_version]);
      }
      return Object.fromEntries(found.map(([id, version]) => [String(id), version]));
    };
    expect(await releases("/api/v21")).toEqual({
      [icsId]: "19.0",
      [enterpriseId]: "18.1",
      [mobileId]: "19.0-beta",
    });
    expect(await releases("/api/v21/attack-9.0")).toEqual({ [mobileId]: "9.0" });
    expect(await releases("/api/v21/attack-18.1")).toEqual({ [icsId]: "18.1", [enterpriseId]: "18.1" });
    expect(await releases("/api/v21/attack-19.0-beta")).toEqual({
      [icsId]: "19.0-beta",
      [mobileId]: "19.0-beta",
    });
    expect(await releases("/api/v21/attack-19.0")).toEqual({ [icsId]: "19.0" });
  });

  test("answer an empty list for a collection that a pinned release does not have, but 404 for the collection itself", async () => {
    const sandbox = await openSandbox();
    const missing = `/api/v21/attack-14.1/collections/${icsId}/`;
    expect(await getTaxii(sandbox, `${missing}objects/`)).toMatchObject({
      status: 200,
      body: { objects: [] },
    });
    expect((await getTaxii(sandbox, missing)).status).toBe(404);
    expect((await getTaxii(sandbox, "/api/v21/collections/nope/objects/")).status).toBe(404);
  });
});

describe("collections", () => {
  test("are readable and spelt as the standard has it", async () => {
    const sandbox = await openSandbox();
    const { body } = await getTaxii(sandbox, latest);
    expect(body).toMatchObject({
      id: icsId,
      title: "ICS ATT&CK",
      can_read: true,
      can_write: false,
      media_types: ["application/taxii+json;version=2.1", "application/taxii+json"],
    });
  });

  test("are spelt canRead, canWrite, mediaTypes by older deployments", async () => {
    const sandbox = await openSandbox({ taxii: { collectionKeys: "camelCase" } });
    const { text } = await getTaxii(sandbox, latest);
    expect(text).toContain('"canRead":true,"canWrite":false,"mediaTypes":[');
    expect(text).not.toContain("can_read");
  });
});

describe("Accept", () => {
  test.each([
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json",
  ])("takes %s", async (accept) => {
    const sandbox = await openSandbox();
    expect((await getTaxii(sandbox, "/taxii2/", { accept })).status).toBe(200);
  });

  test.each([
    "*/*",
    "application/json",
    "application/taxii+json;version=2.0",
    "application/taxii+json;version=2.1, application/json",
  ])("refuses %s with 406", async (accept) => {
    const sandbox = await openSandbox();
    const { status, body } = await getTaxii(sandbox, "/taxii2/", { accept });
    expect(status).toBe(406);
    expect(body).toMatchObject({ http_status: "406" });
  });
});

describe("errors", () => {
  test("are TAXII error messages without error_code", async () => {
    const sandbox = await openSandbox();
    const { status, headers, body } = await getTaxii(sandbox, `${latest}objects/${objectA}/`);
    expect(status).toBe(404);
    expect(headers.get("content-type")).toBe("application/taxii+json;version=2.1");
    expect(body).toMatchObject({
      title: "No Objects Found",
      description: expect.stringContaining(objectA),
      error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      http_status: "404",
      external_details: expect.stringMatching(/^https:/),
    });
    expect(body).not.toHaveProperty("error_code");
  });

  test("come as a TAXII error message for an unknown path of the API, and as a gateway's page elsewhere", async () => {
    const sandbox = await openSandbox();
    expect((await getTaxii(sandbox, "/api/v21/attack-99.9/")).body).toMatchObject({ http_status: "404" });
    const elsewhere = await getTaxii(sandbox, "/");
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.headers.get("content-type")).toBe("text/html");
    expect(elsewhere.text).toMatch(/^<!DOCTYPE html>/);
  });
});

describe("pages", () => {
  /** Nine objects beside the collection object: ten in all. */
  const openTenObjects = async (options = {}) => {
    const objects = Array.from({ length: 9 }, (_, index) =>
      stixObject(`malware--00000000-0000-4000-8000-00000000000${index}`, {
        created: day(`2020-01-0${index + 1}`),
        modified: day("2025-01-01"),
      }),
    );
    const files = await writeFiles({ "ics.json": attackBundle("18.1", day("2025-11-13"), objects) });
    return openSandbox({ attackFiles: files, ...options });
  };

  test("come all at once without limit, and then say nothing of more", async () => {
    const sandbox = await openTenObjects();
    const { body, ids } = await getTaxii(sandbox, `${latest}objects/`);
    expect(ids).toHaveLength(10);
    expect(body).not.toHaveProperty("more");
    expect(body).not.toHaveProperty("next");
  });

  test.each(["objects", "manifest"])("of %s are numbered", async (list) => {
    const sandbox = await openTenObjects();
    const page = (query: string) => getTaxii(sandbox, `${latest}${list}/?${query}`);
    const [first, second, last] = [
      await page("limit=4"),
      await page("limit=4&next=1"),
      await page("limit=4&next=2"),
    ];
    expect(first.body).toMatchObject({ more: true, next: "1" });
    expect(second.body).toMatchObject({ more: true, next: "2" });
    expect(last.body).toMatchObject({ more: false });
    expect(last.body).not.toHaveProperty("next");
    const ids = [...first.ids, ...second.ids, ...last.ids];
    expect([first.ids.length, second.ids.length, last.ids.length]).toEqual([4, 4, 2]);
    expect(new Set(ids).size).toBe(10);
  });

  test("count in the limit that comes with next, so another limit skips or repeats", async () => {
    const sandbox = await openTenObjects();
    const all = (await getTaxii(sandbox, `${latest}objects/`)).ids;
    expect((await getTaxii(sandbox, `${latest}objects/?limit=2&next=1`)).ids).toEqual(all.slice(2, 4));
    expect((await getTaxii(sandbox, `${latest}objects/?limit=3&next=1`)).ids).toEqual(all.slice(3, 6));
    expect((await getTaxii(sandbox, `${latest}objects/?next=1`)).ids).toEqual(all);
  });

  test("end in 404, but for an empty one where limit divides the list evenly", async () => {
    const sandbox = await openTenObjects();
    const empty = await getTaxii(sandbox, `${latest}objects/?limit=5&next=2`);
    expect(empty).toMatchObject({ status: 200, body: { more: false, objects: [] } });
    const past = await getTaxii(sandbox, `${latest}objects/?limit=5&next=3`);
    expect(past.status).toBe(404);
    expect(past.body).toMatchObject({ title: "Invalid URL Query Parameters" });
    expect((await getTaxii(sandbox, `${latest}objects/?limit=4&next=3`)).status).toBe(404);
  });

  test.each([502, 504] as const)(
    "that are larger than a gateway has patience for are answered %d by it",
    async (status) => {
      const sandbox = await openTenObjects({ taxii: { largePage: { objects: 5, status, delayMs: 5 } } });
      for (const path of ["objects/", "objects/?limit=6", "manifest/?limit=9"]) {
        const large = await getTaxii(sandbox, latest + path);
        expect(large.status).toBe(status);
        expect(large.headers.get("content-type")).toBe("text/html");
      }
      expect((await getTaxii(sandbox, `${latest}objects/?limit=5`)).status).toBe(200);
      expect((await getTaxii(sandbox, `${latest}objects/?limit=6&next=1`)).status).toBe(200);
    },
  );

  test("that are large come late where that is asked for", async () => {
    const sandbox = await openTenObjects({ taxii: { largePage: { objects: 5, delayMs: 150 } } });
    const startedAt = performance.now();
    expect((await getTaxii(sandbox, `${latest}objects/`)).ids).toHaveLength(10);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(140);
  });

  test("that are delayed are forgotten when the client hangs up, so that many do not pile up", async () => {
    const sandbox = await openTenObjects({ taxii: { largePage: { objects: 5, delayMs: 3_600_000 } } });
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    try {
      for (let sent = 1; sent <= 12; sent++) {
        const hangUp = new AbortController();
        const answer = getTaxii(sandbox, `${latest}objects/`, {}, { signal: hangUp.signal });
        await vi.waitUntil(() => sandbox.requests.length === sent);
        hangUp.abort();
        await expect(answer).rejects.toThrow("aborted");
      }
    } finally {
      process.off("warning", note);
    }
    expect(warnings).toEqual([]);
  });

  test("carry the earliest and latest date added of what they hold", async () => {
    const sandbox = await openTenObjects();
    for (const list of ["objects", "manifest"]) {
      const { headers } = await getTaxii(sandbox, `${latest}${list}/?match[type]=malware&limit=3&next=1`);
      expect(headers.get("x-taxii-date-added-first")).toBe("2020-01-04T00:00:00.000000Z");
      expect(headers.get("x-taxii-date-added-last")).toBe("2020-01-06T00:00:00.000000Z");
    }
  });
});

describe("added_after", () => {
  test("is compared with created, so an object that was modified since is not returned", async () => {
    const sandbox = await openSandbox({ attackFiles: await writeTwoReleases() });
    const ids = async (after: string) =>
      (await getTaxii(sandbox, `${latest}objects/?added_after=${after}`)).ids;
    expect(await ids("2025-08-01T00:00:00Z")).toEqual([objectC]);
    expect(await ids("2025-09-01T00:00:00.000Z")).toEqual([]);
    expect(await ids("2019-01-01T00:00:00Z")).toEqual([icsId, objectA, objectC]);
  });

  test("that is no timestamp is refused", async () => {
    const sandbox = await openSandbox();
    expect((await getTaxii(sandbox, `${latest}objects/?added_after=yesterday`)).status).toBe(400);
  });

  test("is refused by the manifest even where it is a date, unless that quirk is off", async () => {
    const path = `${latest}manifest/?added_after=2025-08-01T00:00:00Z`;
    const files = await writeTwoReleases();
    const sandbox = await openSandbox({ attackFiles: files });
    expect((await getTaxii(sandbox, path)).status).toBe(400);
    const other = await openSandbox({ attackFiles: files, taxii: { manifestRefusesAddedAfter: false } });
    expect((await getTaxii(other, path)).ids).toEqual([objectC]);
  });
});

describe("the manifest", () => {
  test("has one record per object: version is modified or created, date_added is created", async () => {
    const marking = "marking-definition--00000000-0000-4000-8000-000000000001";
    const files = await writeFiles({
      "ics.json": attackBundle("18.1", day("2025-11-13"), [
        stixObject(objectA, { created: "2017-05-31T21:30:18.196Z", modified: day("2025-01-01") }),
        stixObject(marking, { created: day("2017-06-01") }),
      ]),
    });
    const sandbox = await openSandbox({ attackFiles: files });
    const { body } = await getTaxii(sandbox, `${latest}manifest/`);
    const media_type = "application/taxii+json;version=2.1";
    expect(body.objects?.slice(1)).toEqual([
      {
        id: objectA,
        date_added: "2017-05-31T21:30:18.196Z",
        version: "2025-01-01T00:00:00.000Z",
        media_type,
      },
      { id: marking, date_added: day("2017-06-01"), version: day("2017-06-01"), media_type },
    ]);

    const javascript = await openSandbox({ attackFiles: files, taxii: { dateAdded: "javascript" } });
    const records = (await getTaxii(javascript, `${latest}manifest/`)).body.objects;
    expect(records?.[1]).toMatchObject({
      date_added: "Wed May 31 2017 21:30:18 GMT+0000 (Coordinated Universal Time)",
      version: "2025-01-01T00:00:00.000Z",
    });
  });
});

describe("objects", () => {
  test("come with id, modified, created and type first", async () => {
    const files = await writeFiles({
      "ics.json": attackBundle("18.1", day("2025-11-13"), [
        {
          name: "first in the file",
          type: "malware",
          created: "2020-01-01T00:00:00Z",
          id: objectA,
          spec_version: "2.1",
          modified: day("2025-01-01"),
          x_list: [],
        },
      ]),
    });
    const sandbox = await openSandbox({ attackFiles: files });
    const { text, body } = await getTaxii(sandbox, `${latest}objects/${objectA}/`);
    expect(Object.keys(body.objects?.[0] ?? {})).toEqual([
      "id",
      "modified",
      "created",
      "type",
      "spec_version",
      "name",
      "x_list",
    ]);
    expect(text).toContain('"created":"2020-01-01T00:00:00.000Z"');
  });

  test("keep everything that the bundle holds, and nothing else", async () => {
    const content = { name: "ünï", x_nested: { b: [1, null, { c: "d" }] }, x_empty: [], revoked: false };
    const dates = { created: day("2020-01-01"), modified: day("2025-01-01") };
    const files = await writeFiles({
      "ics.json": attackBundle("18.1", day("2025-11-13"), [stixObject(objectA, dates, content)]),
    });
    const sandbox = await openSandbox({ attackFiles: files });
    const { body } = await getTaxii(sandbox, `${latest}objects/?match[id]=${objectA}`);
    expect(body.objects).toEqual([stixObject(objectA, dates, content)]);
  });

  test("have a versions endpoint, with the version in its date headers", async () => {
    const sandbox = await openSandbox({ attackFiles: await writeTwoReleases() });
    const { headers, body } = await getTaxii(sandbox, `${latest}objects/${objectA}/versions/`);
    expect(body).toEqual({ versions: [day("2025-10-01")] });
    expect(headers.get("x-taxii-date-added-last")).toBe("2025-10-01T00:00:00.000000Z");
    expect((await getTaxii(sandbox, `${latest}objects/${objectB}/versions/`)).status).toBe(404);
  });
});

describe("match", () => {
  test.each([
    [`match[id]=${objectA},${objectC}`, [objectA, objectC]],
    ["match[type]=x-mitre-collection", [icsId]],
    ["match[type]=tool,malware", [objectA, objectC]],
    [`match[type]=malware&match[id]=${objectA},${icsId}`, [objectA]],
    ["match[spec_version]=2.1", [icsId, objectA, objectC]],
    ["match[spec_version]=2.0", []],
    ["match[version]=all", [icsId, objectA, objectC]],
    ["match[version]=first", [icsId, objectA, objectC]],
    [`match[version]=${day("2025-10-01")},${day("2025-09-01")}`, [objectA, objectC]],
    [encodeURI("match[type]=malware&match[version]=last"), [objectA, objectC]],
  ])("%s", async (query, expected) => {
    const sandbox = await openSandbox({ attackFiles: await writeTwoReleases() });
    expect((await getTaxii(sandbox, `${latest}objects/?${query}`)).ids).toEqual(expected);
    expect((await getTaxii(sandbox, `${latest}manifest/?${query}`)).ids).toEqual(expected);
  });

  test.each(["match[name]=x", "match[id]=a&match[id]=b", "match[version]=all,last", "match[version]=newest"])(
    "refuses %s",
    async (query) => {
      const sandbox = await openSandbox();
      const { status, body } = await getTaxii(sandbox, `${latest}objects/?${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ http_status: "400" });
    },
  );

  test("finds the collection object, whose contents name every other object and its version", async () => {
    const sandbox = await openSandbox();
    const { body } = await getTaxii(sandbox, `${latest}objects/?match[type]=x-mitre-collection`);
    const contents = z
      .array(z.object({ object_ref: z.string(), object_modified: z.string() }))
      .parse(body.objects?.[0]?.x_mitre_contents);
    const records = (await getTaxii(sandbox, `${latest}manifest/`)).body.objects ?? [];
    expect(new Set(contents.map((entry) => `${entry.object_ref} ${entry.object_modified}`))).toEqual(
      new Set(records.filter(({ id }) => id !== icsId).map(({ id, version }) => `${id} ${version}`)),
    );
  });
});
