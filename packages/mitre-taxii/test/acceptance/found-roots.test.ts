import { createServer } from "node:net";
import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { contentsOf } from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { type ScriptedAnswer, startScriptedServer } from "../../src/testing/scripted-server.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("an API root", (openDatabase) => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) {
      await close();
    }
  });

  const object = {
    type: "tool",
    id: "tool--a",
    created: "2024-01-01T00:00:00.000Z",
    modified: "2024-01-01T00:00:00.000Z",
  };
  const record = { id: object.id, date_added: object.created, version: object.modified };

  /** An API root with one object below this path; discovery is what the test says. */
  async function serve(
    root: string,
    discovery: () => object,
    fallback: ScriptedAnswer = { status: 404, body: "<html>" },
  ) {
    const server = await startScriptedServer((path) => {
      if (path === "/taxii2/") {
        return { body: { title: "x", ...discovery() } };
      }
      if (path === `${root}collections/`) {
        return { body: { collections: [{ id: "c", title: "C" }] } };
      }
      if (path === `${root}collections/c/manifest/`) {
        return { body: { objects: [record] } };
      }
      return path.startsWith(`${root}collections/c/objects/`)
        ? { body: { objects: [object], versions: [record.version] } }
        : fallback;
    });
    closers.push(server.close);
    return server;
  }

  const run = async (url: string, database?: Store) =>
    load(database ?? (await openDatabase()), {
      env: { MITRE_TAXII_URL: `${url}/taxii2/`, MITRE_CHECK_HOURS: "24" },
    });

  /** A port at which nothing listens. */
  async function closedPort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    return address !== null && typeof address === "object" ? address.port : 1;
  }

  describe("an API root that discovery names", () => {
    test.each([
      ["a path of another listing", { default: "/main", api_roots: ["/taxii2/main"] }],
      ["dead, and another is listed", { default: "/dead", api_roots: ["/taxii2/main"] }],
      ["empty", { default: "", api_roots: ["/taxii2/main/"] }],
    ])("is loaded where the default is %s", async (_how, discovery) => {
      const server = await serve("/taxii2/main/", () => discovery);
      const database = await openDatabase();
      await run(server.url, database);
      expect(Object.keys((await contentsOf(database)).objects ?? {})).toHaveLength(1);
    });

    test("at an internal address is told of, with what to set", async () => {
      const internal = `http://127.0.0.1:${await closedPort()}/taxii2/main/`;
      const server = await serve("/taxii2/main/", () => ({ default: internal, api_roots: [internal] }));
      const failed = run(server.url);
      await expect(failed).rejects.toThrow(`discovery (${server.url}/taxii2/) names this API root`);
      await expect(failed).rejects.toThrow(
        `set MITRE_TAXII_URL to the API root's own address, such as ${server.url}/taxii2/main/`,
      );
    });

    test("that is no API root is told of, too", async () => {
      const server = await serve("/nowhere/", () => ({ default: "/web/", api_roots: ["/web/"] }));
      await expect(run(server.url)).rejects.toThrow("names this API root");
    });

    test("is asked for again where the one of the last run does not answer", async () => {
      let root = "/old/";
      const answer = (path: string): ScriptedAnswer => {
        if (path === "/taxii2/") {
          return { body: { title: "x", default: root, api_roots: [root] } };
        }
        if (!path.startsWith(root)) {
          return { status: 404, body: "<html>" };
        }
        if (path === `${root}collections/`) {
          return { body: { collections: [{ id: "c" }] } };
        }
        return path.includes("manifest") ? { body: { objects: [record] } } : { body: { objects: [object] } };
      };
      const server = await startScriptedServer(answer);
      closers.push(server.close);
      const database = await openDatabase();
      await run(server.url, database);
      root = "/new/";
      await run(server.url, database);
      expect(Object.keys((await contentsOf(database)).collections ?? {})).toContain(`${server.url}/new/`);
    });
  });
});
