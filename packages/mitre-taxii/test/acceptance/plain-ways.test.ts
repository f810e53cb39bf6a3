import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { describe, expect, test, vi } from "vitest";
import { checkpointsIn, currentIdsIn } from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { requestsOf, useServers } from "../../src/testing/start-servers.js";
import { tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("a server that refuses the best way", (openDatabase) => {
  const early = "2024-01-01T00:00:00.000Z";
  const late = "2025-01-01T00:00:00.000Z";
  const servers = useServers();

  const toolsOf = (count: number, modified = early) =>
    Array.from({ length: count }, (_, index) => tool(String(index).padStart(4, "0"), modified));

  const warningsIn = (log: readonly string[]) => log.filter((line) => line.includes(" WARN "));

  describe("a list of ids that is refused", () => {
    const id = "x-mitre-collection--1";
    const release = {
      ...tool("release", early),
      id,
      type: "x-mitre-collection",
      name: "One",
      x_mitre_version: "1.0",
    };

    /** Loads 300 objects in pages of 20, of which 30 have changed since; a list of 20 ids is some 700 characters long. */
    async function loadChanges(maxUrlLength: number | undefined, answer?: { status: number; body: string }) {
      const before = await servers.start([[release, ...toolsOf(300)]]);
      const database = await openDatabase();
      const taxiiPort = Number(new URL(before.taxiiUrl).port);
      const env = { MITRE_TAXII_URL: before.taxiiUrl, MITRE_PAGE_SIZE: "20", MITRE_CHECK_HOURS: "0" };
      await load(database, { env });
      await before.close();
      const changed = [release, ...toolsOf(30, late), ...toolsOf(300).slice(30)];
      const taxii = maxUrlLength === undefined ? {} : { maxUrlLength };
      const sandbox = await servers.start([changed], { taxiiPort, taxii });
      if (answer !== undefined) {
        sandbox.addFault({
          upstream: "taxii",
          path: ",",
          times: 1000,
          answer: { kind: "status", ...answer },
        });
      }
      const { log } = await load(database, { env });
      return { database, sandbox, warnings: warningsIn(log) };
    }

    test("by its length is asked for in shorter ones, which is remembered", async () => {
      const { database, sandbox, warnings } = await loadChanges(200);
      const byId = requestsOf(sandbox).filter((url) => url.includes("match[id]"));
      expect(sandbox.requests.filter(({ status }) => status === 403)).toHaveLength(2);
      expect(byId.slice(2).every((url) => url.split(",").length <= 5)).toBe(true);
      expect((await currentIdsIn(database, "objects")).filter((key) => key.endsWith(late))).toHaveLength(30);
      expect(await currentIdsIn(database, "objects")).toHaveLength(301);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain("403");
      const saved = JSON.stringify((await checkpointsIn(database)).objects);
      expect(saved).toContain('"ids":5');
    });

    test.each([
      [500, '{"title":"list index out of range"}'],
      [403, "<html>Request blocked</html>"],
      [414, "<html>URI Too Long</html>"],
      [400, '{"title":"one id only"}'],
      [406, ""],
    ])("with %i, however short, is loaded by pages", async (status, body) => {
      const { database, warnings } = await loadChanges(undefined, { status, body });
      expect((await currentIdsIn(database, "objects")).filter((key) => key.endsWith(late))).toHaveLength(30);
      expect(warnings.length).toBeLessThanOrEqual(2);
    });

    test("because of the credentials stops at once", async () => {
      const answer = { status: 401, body: "" };
      await expect(loadChanges(undefined, answer)).rejects.toThrow("MITRE_TOKEN");
    });
  });

  describe("a limit above the server's maximum", () => {
    test.each([1000, 150, 2])(
      "of %i is halved until it is taken, and that is remembered",
      async (maxLimit) => {
        const sandbox = await servers.start([toolsOf(3)], { flavor: "standard", taxii: { maxLimit } });
        const database = await openDatabase();
        const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
        const { log } = await load(database, { env });
        for (const collection of ["manifest", "objects", "versions"]) {
          expect(await currentIdsIn(database, collection)).toHaveLength(3);
        }
        expect(warningsIn(log)).toEqual([
          expect.stringContaining("the server rejects pages of 50000 records"),
        ]);
        const refused = () => sandbox.requests.filter(({ status }) => status === 400).length;
        expect(refused()).toBeLessThanOrEqual(20);

        const before = refused();
        await load(database, { env: { ...env, MITRE_CHECK_HOURS: "0" } });
        // The one question after which the server does not understand has a limit of its own.
        expect(refused() - before).toBeLessThanOrEqual(maxLimit < 20 ? 3 : 0);
      },
    );

    test("is not looked for where the server refuses any number", async () => {
      const sandbox = await servers.start([toolsOf(3)]);
      const answer = { kind: "status", status: 400, body: "{}" } as const;
      sandbox.addFault({ upstream: "taxii", path: "/objects/", times: 1000, answer });
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
      await expect(load(await openDatabase(), { env })).rejects.toThrow("HTTP 400");
      expect(requestsOf(sandbox).filter((url) => url.includes("/objects/"))).toHaveLength(3);
    });
  });

  const absences = [
    { status: 404, body: "<html>" },
    { status: 404, body: "Not Found" },
    { status: 404, body: '{"title":"no such resource"}' },
    { status: 405, body: "<html>" },
    { status: 405, body: '{"title":"Method Not Allowed"}' },
    { status: 501, body: "" },
    { status: 500, body: '{"title":"not implemented"}' },
    { status: 403, body: "<html>" },
    { status: 400, body: '{"title":"unknown endpoint"}' },
    { status: 406, body: "" },
    { status: 200, body: "{}" },
    { status: 200, body: "<html>" },
  ];

  describe.each(absences)("a server without manifests, which answers $status $body", ({ status, body }) => {
    test("is loaded without them, now and later, with one warning each time", async () => {
      const absent = {
        upstream: "taxii",
        path: "/manifest/",
        times: 1000,
        answer: { kind: "status", status, body },
      } as const;
      const first = await servers.start([toolsOf(2)]);
      first.addFault(absent);
      const database = await openDatabase();
      const env = { MITRE_TAXII_URL: first.taxiiUrl };
      const { log } = await load(database, { env });
      expect(await currentIdsIn(database, "objects")).toHaveLength(2);
      expect(warningsIn(log)).toEqual([expect.stringContaining("has no manifest")]);
      const again = await load(database, { env });
      expect(again.written).toBe(0);
      expect(warningsIn(again.log)).toHaveLength(1);
    });
  });

  describe("a manifest that was there", () => {
    test.each([500, 403, 503])("is missed where it is refused with %i", async (status) => {
      const sandbox = await servers.start([toolsOf(2)]);
      const database = await openDatabase();
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_CHECK_HOURS: "0" };
      await load(database, { env });
      const answer = { kind: "status", status, body: "" } as const;
      sandbox.addFault({ upstream: "taxii", path: "/manifest/", times: 1000, answer });
      await expect(load(database, { env })).rejects.toThrow(`HTTP ${status}`);
    });

    test("is done without where the server has it no more", async () => {
      const sandbox = await servers.start([toolsOf(2)]);
      const database = await openDatabase();
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_CHECK_HOURS: "0" };
      await load(database, { env });
      const answer = { kind: "html", status: 404 } as const;
      sandbox.addFault({ upstream: "taxii", path: "/manifest/", times: 1000, answer });
      const { log } = await load(database, { env });
      expect(await currentIdsIn(database, "objects")).toHaveLength(2);
      expect(warningsIn(log).join()).toContain("has no manifest");
    });
  });

  describe("versions of which the server knows the last", () => {
    const created = "2020-01-01T00:00:00.000Z";
    const modified = (count: number) => toolsOf(count, late).map((object) => ({ ...object, created }));

    test("are its manifest's after a few objects were asked for", async () => {
      const taxii = { onlyLastVersion: true };
      const sandbox = await servers.start([modified(30)], { flavor: "standard", taxii });
      const database = await openDatabase();
      const { log } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      const asked = requestsOf(sandbox).filter((url) => url.includes("version"));
      expect(asked.length).toBeLessThan(10);
      expect(await currentIdsIn(database, "versions")).toHaveLength(30);
      expect(warningsIn(log).join()).toContain("versions for 24 others");
    });

    test("are asked for where an object has more", async () => {
      const older = toolsOf(30, created);
      const bundle = [...older, ...modified(30)];
      const server = await servers.start([bundle], { flavor: "standard" });
      const answer = { kind: "status", status: 400, body: "{}" } as const;
      server.addFault({ upstream: "taxii", path: "match[version]=all", answer });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: server.taxiiUrl } });
      expect(requestsOf(server).filter((url) => url.endsWith("/versions/"))).toHaveLength(30);
    });
  });
});
