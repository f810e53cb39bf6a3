import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { describe, expect, test, vi } from "vitest";
import {
  contentsOf,
  currentIdsIn,
  deleteAllDocuments,
  forgetCheckpoints,
} from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { startScriptedServer } from "../../src/testing/scripted-server.js";
import { requestsOf, useServers } from "../../src/testing/start-servers.js";
import { attackRelease, tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeOnEmbedded("tokens of pages", (openDatabase) => {
  const id = "x-mitre-collection--1";
  const day = "2024-01-01T00:00:00.000Z";
  const objects = [
    attackRelease(id, "1.0", day),
    ...["a", "b", "c", "d", "e"].map((name) => tool(name, day)),
  ];
  const servers = useServers();

  const envOf = ({ taxiiUrl }: { taxiiUrl: string }) => ({ MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "2" });

  describe("a server that has one token for all pages", () => {
    const taxii = { oneToken: true, maxPageSize: 2 };

    test("is loaded whole, and left alone where nothing changed", async () => {
      const sandbox = await servers.start([objects], { flavor: "standard", taxii });
      const database = await openDatabase();
      await load(database, { env: envOf(sandbox) });
      for (const collection of ["manifest", "objects", "versions"]) {
        expect(await currentIdsIn(database, collection)).toHaveLength(6);
      }
      const before = sandbox.requests.length;
      expect(await load(database, { env: envOf(sandbox) })).toMatchObject({ written: 0 });
      expect(sandbox.requests.length - before).toBeLessThanOrEqual(2);
    });

    test.each(["manifest", "objects"])(
      "loses nothing where an answer of the %s is lost",
      async (resource) => {
        for (const skip of [0, 1]) {
          const sandbox = await servers.start([objects], { flavor: "standard", taxii });
          const path = `${resource}/?limit=${resource === "objects" ? 2 : 20}&next=`;
          sandbox.addFault({ upstream: "taxii", path, skip, answer: { kind: "truncate" } });
          const database = await openDatabase();
          await load(database, { env: envOf(sandbox), http: { retries: 1 } });
          expect(await currentIdsIn(database, resource)).toHaveLength(6);
          expect(await currentIdsIn(database, "manifest")).toHaveLength(6);
        }
      },
    );

    test.each(["crash", "interrupt"] as const)(
      "is loaded whole after a run that ended by a %s at any page, whether it still knows its token or not",
      async (stop) => {
        const reference = await servers.start([objects], { flavor: "standard", taxii });
        const { pages } = await load(await openDatabase(), { env: envOf(reference) });
        for (let stopAfterPages = 1; stopAfterPages < pages; stopAfterPages += 1) {
          const stays = await openDatabase();
          await load(stays, { env: envOf(reference), stopAfterPages, stop });
          await load(stays, { env: envOf(reference) });
          const forgets = await openDatabase();
          const first = await servers.start([objects], { flavor: "standard", taxii });
          await load(forgets, { env: envOf(first), stopAfterPages, stop });
          await first.close();
          const taxiiPort = Number(new URL(first.taxiiUrl).port);
          const restarted = await servers.start([objects], { flavor: "standard", taxii, taxiiPort });
          await load(forgets, { env: envOf(restarted) });
          await restarted.close();
          for (const database of [stays, forgets]) {
            for (const collection of ["manifest", "objects", "versions"]) {
              expect(await currentIdsIn(database, collection)).toHaveLength(6);
            }
          }
        }
      },
    );
  });

  test("a release is read again where the server moved on by itself past an answer that was lost", async () => {
    const root = (version: string) => `/api/attack-${version}/`;
    const listed = (version: string) => [attackRelease(id, version, day), ...objects.slice(1)];
    const pages = (entries: readonly object[]) => [
      entries.slice(0, 2),
      entries.slice(2, 4),
      entries.slice(4),
    ];
    const positions = new Map<string, number>();
    let answersLost = 0;
    const server = await startScriptedServer((path, query) => {
      if (path === "/taxii2/") {
        return { body: { title: "t", api_roots: [root("1.0"), root("2.0")] } };
      }
      if (path.endsWith("/collections/")) {
        return { body: { collections: [{ id, can_read: true }] } };
      }
      const entries = listed(path.startsWith(root("1.0")) ? "1.0" : "2.0");
      if (path.endsWith("/manifest/")) {
        const records = entries.map((object) => ({
          id: object.id,
          date_added: day,
          version: object.modified,
        }));
        return { body: { objects: records } };
      }
      const position = query.has("next") ? (positions.get(path) ?? 0) + 1 : 0;
      positions.set(path, position);
      const isLost = path.startsWith(root("1.0")) && position === 1 && answersLost === 0;
      if (isLost) {
        answersLost += 1;
      }
      const more = position < 2;
      return {
        body: isLost ? "{" : { more, ...(more && { next: "same" }), objects: pages(entries)[position] ?? [] },
      };
    });
    const database = await openDatabase();
    const env = { ...envOf({ taxiiUrl: `${server.url}/taxii2/` }), MITRE_RELEASES: "all" };
    const { log } = await load(database, { env, http: { retries: 1 } });
    expect(answersLost).toBe(1);
    expect(log.join()).toContain(`${id} came incomplete: loaded from its first page`);
    const held = Object.values((await contentsOf(database)).objects ?? {}).filter(({ content }) =>
      JSON.stringify(content).includes('"releases":["1.0"'),
    );
    expect(held).toHaveLength(6);
    await server.close();
  });

  const refusals = [400, 404, 410, 403, 422, 500, 503];

  describe.each(refusals)("a page that a run stopped at, refused with %i", (status) => {
    test.each(["JSON", "HTML"])("(%s) starts its collection from the first page, once", async (form) => {
      const sandbox = await servers.start([objects]);
      const env = envOf(sandbox);
      const database = await openDatabase();
      await load(database, { env, steps: ["collections", "manifest"] });
      await load(database, { env, steps: ["objects"], stopAfterPages: 1, stop: "interrupt" });
      expect(await currentIdsIn(database, "objects")).toHaveLength(2);
      const body = form === "HTML" ? "<html>" : JSON.stringify({ title: "'next' not valid" });
      sandbox.addFault({
        upstream: "taxii",
        path: "/objects/?limit=2&next=1",
        answer: { kind: "status", status, body },
      });
      const before = sandbox.requests.length;
      const { log } = await load(database, { env, steps: ["objects"] });
      expect(await currentIdsIn(database, "objects")).toHaveLength(6);
      expect(
        requestsOf(sandbox)
          .slice(before)
          .filter((url) => url.includes("/objects/")),
      ).toEqual([
        `${id}/objects/?limit=2&next=1`,
        `${id}/objects/?limit=2`,
        `${id}/objects/?limit=2&next=1`,
        `${id}/objects/?limit=2&next=2`,
      ]);
      expect(log.filter((line) => line.includes("loaded from its first page"))).toHaveLength(1);
    });
  });

  test("a dead page is not asked for in a third run, where the second fails, too", async () => {
    const sandbox = await servers.start([objects]);
    const env = envOf(sandbox);
    const database = await openDatabase();
    await load(database, { env, steps: ["objects"], stopAfterPages: 2, stop: "interrupt" });
    const dead = "/objects/?limit=2&next=2";
    const refused = { kind: "status", status: 400, body: "{}" } as const;
    sandbox.addFault({ upstream: "taxii", path: dead, answer: refused });
    sandbox.addFault({ upstream: "taxii", path: "/objects/?limit=2", answer: { kind: "html", status: 503 } });
    await expect(load(database, { env, steps: ["objects"] })).rejects.toThrow("503");
    const before = sandbox.requests.length;
    await load(database, { env, steps: ["objects"] });
    expect(
      requestsOf(sandbox)
        .slice(before)
        .find((url) => url.includes("/objects/")),
    ).toBe(`${id}/objects/?limit=2`);
    expect(await currentIdsIn(database, "objects")).toHaveLength(6);
  });

  test("wrong credentials stop a resumed load at once, and its page is kept", async () => {
    const sandbox = await servers.start([objects]);
    const env = envOf(sandbox);
    const database = await openDatabase();
    await load(database, { env, steps: ["objects"], stopAfterPages: 1, stop: "interrupt" });
    const before = sandbox.requests.length;
    const path = "/objects/?limit=2&next=1";
    sandbox.addFault({ upstream: "taxii", path, answer: { kind: "status", status: 401, body: "" } });
    await expect(load(database, { env, steps: ["objects"] })).rejects.toThrow("MITRE_TOKEN");
    await load(database, { env, steps: ["objects"] });
    expect(
      requestsOf(sandbox)
        .slice(before)
        .filter((url) => url.endsWith("/objects/?limit=2")),
    ).toEqual([]);
    expect(await currentIdsIn(database, "objects")).toHaveLength(6);
  });

  test.each(["manifest", "objects"])(
    "a token of the %s that dies within a run costs one new start",
    async (resource) => {
      const sandbox = await servers.start([objects], { taxii: { maxLimit: 2 } });
      const database = await openDatabase();
      const answer = {
        kind: "status",
        status: 400,
        body: JSON.stringify({ title: "'next' not valid" }),
      } as const;
      sandbox.addFault({ upstream: "taxii", path: `/${resource}/?limit=2&next=2`, answer });
      const { log } = await load(database, { env: envOf(sandbox) });
      expect(log.join()).toContain("the server no longer knows its next page");
      expect(await currentIdsIn(database, resource)).toHaveLength(6);

      await deleteAllDocuments(database);
      await forgetCheckpoints(database);
      sandbox.addFault({ upstream: "taxii", path: `/${resource}/?limit=2&next=2`, answer, times: 2 });
      await expect(load(database, { env: envOf(sandbox) })).rejects.toThrow("'next' not valid");
    },
  );

  test("objects without a manifest are read again where their pages end early", async () => {
    const sandbox = await servers.start([objects], { taxii: { noManifest: 404 } });
    const answer = { kind: "status", status: 404, body: "{}" } as const;
    sandbox.addFault({ upstream: "taxii", path: "/objects/?limit=2&next=2", answer });
    const database = await openDatabase();
    const { log } = await load(database, { env: envOf(sandbox) });
    expect(log.join()).toContain("came incomplete: loaded from its first page");
    expect(await currentIdsIn(database, "objects")).toHaveLength(6);
  });

  test("a release that was broken off at a page that is refused now is loaded from its first page", async () => {
    const older = [attackRelease(id, "0.9", "2023-01-01T00:00:00.000Z"), ...objects.slice(1)];
    const sandbox = await servers.start([objects, older]);
    const env = { ...envOf(sandbox), MITRE_RELEASES: "all" };
    const database = await openDatabase();
    const path = "attack-0.9/collections/x-mitre-collection--1/objects/?match[version]=all&limit=2&next=1";
    sandbox.addFault({ upstream: "taxii", path, answer: { kind: "html", status: 503 } });
    await expect(load(database, { env })).rejects.toThrow("503");
    sandbox.addFault({ upstream: "taxii", path, answer: { kind: "status", status: 400, body: "{}" } });
    const { log } = await load(database, { env });
    expect(log.join()).toContain("loaded from its first page");
    expect(await currentIdsIn(database, "objects")).toHaveLength(6);
  });
});
