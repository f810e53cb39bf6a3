import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, test, vi } from "vitest";
import { checkpointsIn, contentsOf, forgetCheckpoints } from "../testing/database.js";
import { load } from "../testing/pipeline.js";
import { requestsOf, useServers } from "../testing/start-servers.js";
import { attackRelease, tool } from "../testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("the objects step", (openDatabase) => {
  const servers = useServers();
  const id = "x-mitre-collection--1";
  const at = "2024-01-01T00:00:00.000Z";
  const release = attackRelease(id, "1.0", at);
  const tools = ["a", "b", "c", "d", "e"].map((name) => tool(name, at));

  test("stores every object that has an id and a type, whatever else it holds", async () => {
    const marking = {
      type: "marking-definition",
      id: "marking-definition--1",
      created: "2017-06-01T00:00:00.000Z",
    };
    const observable = { type: "ipv4-addr", id: "ipv4-addr--1", value: "203.0.113.1" };
    const strange = {
      ...tool("x", at),
      name: 5,
      external_references: "none",
      extra: { deep: [null, { $a: 1 }] },
    };
    for (const flavor of ["attack", "standard"] as const) {
      const sandbox = await servers.start([[release, marking, observable, strange]], { flavor });
      const database = await openDatabase();
      const { rejected } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(rejected).toEqual([]);
      const { objects = {} } = await contentsOf(database);
      const [collectionId] = Object.keys(objects)[0]?.split("/") ?? [];
      expect(Object.keys(objects).sort()).toEqual([
        `${collectionId}/ipv4-addr--1/unversioned`,
        `${collectionId}/marking-definition--1/2017-06-01T00:00:00.000Z`,
        `${collectionId}/tool--x/${at}`,
        `${collectionId}/${id}/${at}`,
      ]);
      expect(objects[`${collectionId}/tool--x/${at}`]).toMatchObject({
        content: { data: { collection_id: collectionId, objects: [strange] }, enriched: { type: "tool" } },
      });
      const again = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(again.written).toBe(0);
    }
  });

  test("keeps an object of two collections as two documents", async () => {
    const other = attackRelease("x-mitre-collection--2", "1.0", at);
    const sandbox = await servers.start([
      [release, tool("a", at)],
      [other, tool("a", at)],
    ]);
    const database = await openDatabase();
    await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toEqual([
      `${id}/tool--a/${at}`,
      `${id}/${id}/${at}`,
      `x-mitre-collection--2/tool--a/${at}`,
      `x-mitre-collection--2/x-mitre-collection--2/${at}`,
    ]);
  });

  test("rejects an entry that is no STIX object, and loads the others", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const body = JSON.stringify({ objects: [release, ...tools, { type: "tool" }, 7] });
    sandbox.addFault({ upstream: "taxii", path: "/objects/", answer: { kind: "status", status: 200, body } });
    const database = await openDatabase();
    const { rejected } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(rejected).toEqual([
      { collection_id: id, object: { type: "tool" } },
      { collection_id: id, object: 7 },
    ]);
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(6);
  });

  test("asks for no more than the limits let through, and cuts x_mitre_contents", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const database = await openDatabase();
    await load(database, {
      env: { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_MAX_OBJECTS: "3", MITRE_MAX_CONTENTS: "2" },
    });
    const contents = await contentsOf(database);
    const ids = [`${id}/tool--a/${at}`, `${id}/tool--b/${at}`, `${id}/${id}/${at}`];
    expect(Object.keys(contents.objects ?? {})).toEqual(ids);
    expect(Object.keys(contents.manifest ?? {})).toEqual(ids);
    expect(Object.keys(contents.versions ?? {})).toEqual([`${id}/tool--a`, `${id}/tool--b`, `${id}/${id}`]);
    expect(requestsOf(sandbox).slice(2)).toEqual([
      `${id}/manifest/?limit=3`,
      `${id}/objects/?limit=3`,
      `${id}/manifest/?match[version]=all&match[id]=${id},tool--a,tool--b&limit=50000`,
    ]);
    expect(contents.objects?.[`${id}/${id}/${at}`]).toMatchObject({
      content: { data: { objects: [{ x_mitre_contents: [{}, {}] }] } },
    });
    expect(Object.keys(await checkpointsIn(database))).toEqual(["collections"]);
  });

  test("leaves the checkpoint of an interrupted load alone where a limit is set", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2" };
    const database = await openDatabase();
    await load(database, { env, steps: ["objects"], stopAfterPages: 1 });
    const { objects: saved } = await checkpointsIn(database);
    expect(saved).toMatchObject({ current: { cursor: { next: "1" } } });
    await load(database, {
      env: { ...env, MITRE_MAX_OBJECTS: "1" },
      steps: ["objects"],
      stopAfterPages: 1,
    });
    expect((await checkpointsIn(database)).objects).toEqual(saved);
  });

  test("goes on at the page after the last stored one, and starts again with another page size", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    for (const { pageSize, asked } of [
      { pageSize: "2", asked: ["?limit=2&next=1", "?limit=2&next=2"] },
      { pageSize: "3", asked: ["?limit=3", "?limit=3&next=1"] },
    ]) {
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2" };
      const database = await openDatabase();
      await load(database, { env, steps: ["objects"], stopAfterPages: 1 });
      const before = requestsOf(sandbox).length;
      await load(database, { env: { ...env, MITRE_PAGE_SIZE: pageSize }, steps: ["objects"] });
      expect(
        requestsOf(sandbox)
          .slice(before)
          .filter((request) => request.includes("/objects/")),
      ).toEqual(asked.map((query) => `${id}/objects/${query}`));
      expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(6);
    }
  });

  test("fails where pages end early, marks nothing, and loads the collection again next time", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2" };
    const database = await openDatabase();
    const answer = { kind: "status", status: 404, body: "" } as const;
    const path = "objects/?limit=2&next=1";
    sandbox.addFault({ upstream: "taxii", path, answer, times: 2 });
    await expect(load(database, { env })).rejects.toThrow(
      /lists \d+ objects, but the server did not send \d+ of them/,
    );
    expect(requestsOf(sandbox).filter((url) => url.includes(path))).toHaveLength(2);
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(2);
    await load(database, { env });
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(6);

    sandbox.addFault({
      upstream: "taxii",
      path: "/objects/",
      answer: { kind: "status", status: 200, body: "{}" },
    });
    await forgetCheckpoints(database);
    await expect(load(database, { env })).rejects.toThrow(
      `The manifest of ${id} lists 6 objects, but the server did not send 6 of them`,
    );
    expect(
      Object.values((await contentsOf(database)).objects ?? {}).filter(({ removed }) => removed),
    ).toEqual([]);
  });

  test("loads a collection from its first page where the page to resume at is missing", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2" };
    const database = await openDatabase();
    await load(database, { env, steps: ["objects"], stopAfterPages: 1 });
    const answer = { kind: "status", status: 404, body: "" } as const;
    sandbox.addFault({ upstream: "taxii", path: "objects/?limit=2&next=1", answer });
    const { log } = await load(database, { env, steps: ["objects"] });
    expect(log.join()).toContain("loaded from its first page");
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(6);
  });

  test("says so where the manifest lists more than the pages bring", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const body = JSON.stringify({ objects: [release, ...tools.slice(1)] });
    sandbox.addFault({ upstream: "taxii", path: "/objects/", answer: { kind: "status", status: 200, body } });
    const { log } = await load(await openDatabase(), { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(log.join()).toContain(`the manifest of ${id} lists 1 objects that the server did not send`);
  });

  test("takes an object that comes on two pages once", async () => {
    const sandbox = await servers.start([[release, ...tools]]);
    const body = JSON.stringify({ more: true, next: "1", objects: [tools[0], tools[1], tools[0]] });
    sandbox.addFault({
      upstream: "taxii",
      path: "objects/?limit=2",
      answer: { kind: "status", status: 200, body },
    });
    const database = await openDatabase();
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "2" };
    const { written } = await load(database, { env, steps: ["objects"] });
    expect(written).toBe(5);
    expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(5);
  });
});
