import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { configureConnector, createLogger, parseConfig, runConnectors } from "../../src/host.js";
import { defineConnector, urlSetting } from "../../src/index.js";
import { describeOnMongo } from "../../src/testing/mongo-servers.js";

// What follows is a whole connector, for a list of advisories.

const list = z.object({ version: z.string(), advisories: z.array(z.unknown()) });

const advisoriesConfig = z.object({ ADVISORIES_URL: urlSetting().describe("Address of the list") });

const listCheckpoint = z.object({ version: z.string(), etag: z.string().exactOptional() });

const advisories = defineConnector({
  name: "advisories",
  summary: "Advisories",
  config: advisoriesConfig,
  http: ({ ADVISORIES_URL }) => ({ origin: ADVISORIES_URL, urlSetting: "ADVISORIES_URL" }),
  steps: ({ step }) => [
    step({
      name: "list",
      summary: "Advisories that are listed",
      collection: "advisories",
      indexes: [{ "enriched.vendor": 1 }],
      record: z.object({
        id: z.string().regex(/^EX-\d{4}-\d{4,}$/),
        vendor: z.string(),
        published: z.iso.date(),
      }),
      checkpoint: listCheckpoint,
      async *extract({ config, http, checkpoint }) {
        const answer = await http.json(config.ADVISORIES_URL, list, { ifNoneMatch: checkpoint?.etag });
        if (answer.notModified || answer.body.version === checkpoint?.version) {
          return;
        }
        const { version, advisories: records } = answer.body;
        const lists = records.map((record) => z.object({ id: z.string() }).safeParse(record).data?.id ?? "");
        yield { records, lists, checkpoint: { version, ...answer.validators }, total: records.length };
      },
      transform: (record) => ({
        _id: record.id,
        enriched: { vendor: record.vendor.toLowerCase(), published_at: new Date(record.published) },
      }),
    }),
  ],
});

// Here the connector ends.

const advisory = (id: string, more: object = {}) => ({
  id,
  vendor: "Example",
  published: "2026-11-01",
  ...more,
});

describeOnMongo("a whole connector", (database) => {
  let answer: { status: number; body: string } = { status: 200, body: "" };
  const server = createServer(({ headers }, response) => {
    const etag = `"${createHash("sha256").update(answer.body).digest("hex")}"`;
    const isKnown = headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : answer.status, { etag }).end(isKnown ? "" : answer.body);
  });
  let url = "";

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/advisories.json`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    answer = { status: 200, body: "" };
  });

  async function run(
    version: string,
    records: readonly unknown[],
    { status = 200, ...options }: { status?: number; acceptRemovals?: boolean; dryRun?: boolean } = {},
  ) {
    answer = { status, body: JSON.stringify({ version, advisories: records }) };
    const connector = configureConnector(advisories, parseConfig(advisories.config, { ADVISORIES_URL: url }));
    const log = createLogger({ level: "silent" });
    const { store } = database();
    return runConnectors({ connectors: [connector], store, log, http: { retries: 0 }, ...options });
  }

  test("is settings and a step: requests, loading, change detection, quarantine, listing and errors come from core", async () => {
    const listed = [advisory("EX-2026-0001"), advisory("EX-2026-0002"), { id: "unknown" }];
    const first = await run("1", listed);
    expect(first.connectors).toMatchObject([
      { name: "advisories", status: "ok", requests: 1, steps: [{ extracted: 3, inserted: 2, rejected: 1 }] },
    ]);
    expect(await database().all("advisories")).toMatchObject([
      {
        _id: "EX-2026-0001",
        data: advisory("EX-2026-0001"),
        enriched: { vendor: "example", published_at: new Date("2026-11-01") },
        removed_at: null,
      },
      { _id: "EX-2026-0002" },
    ]);

    for (const records of [listed, []]) {
      const same = await run("1", records);
      expect(same.connectors).toMatchObject([{ status: "ok", requests: 1, steps: [{ extracted: 0 }] }]);
    }

    const changed = await run("2", [advisory("EX-2026-0001", { vendor: "Other" }), advisory("EX-2026-0003")]);
    expect(changed.connectors).toMatchObject([{ steps: [{ inserted: 1, updated: 1, withdrawn: 1 }] }]);

    const failed = await run("3", [], { status: 503 });
    expect(failed.connectors).toMatchObject([
      { status: "failed", reason: expect.stringMatching(/^list: .*503/), requests: 1 },
    ]);
  });

  test.each([
    { left: 0, why: /the upstream lists nothing for advisories: 30 of 30 current documents/ },
    {
      left: 19,
      why: /no longer lists 11 of 30 current documents in advisories: more than MAX_REMOVED_SHARE=0\.33 allows/,
    },
  ])("refuses a list with $left of 30 left, unless removals are accepted", async ({ left, why }) => {
    const all = Array.from({ length: 30 }, (_, index) => advisory(`EX-2026-${1000 + index}`));
    await run("1", all);
    const before = await contents();

    const few = [...all.slice(0, left), ...all.slice(0, left && 1).map(() => advisory("EX-2026-9999"))];
    for (const dryRun of [true, false, false]) {
      const refused = await run("2", few, { dryRun });
      expect(refused.status).toBe("failed");
      expect(refused.connectors).toMatchObject([
        { reason: expect.stringMatching(why), requests: 1, steps: [{ inserted: 0, withdrawn: 0 }] },
      ]);
      expect(refused.connectors[0]?.reason).toContain("--accept-removals");
      expect(await contents()).toEqual(before);
    }

    const accepted = await run("2", few, { acceptRemovals: true });
    expect(accepted.connectors).toMatchObject([{ status: "ok", steps: [{ withdrawn: 30 - left }] }]);
    const back = await run("3", all);
    expect(back.connectors).toMatchObject([{ status: "ok" }]);
    expect((await database().all("advisories")).filter(({ removed_at }) => removed_at === null)).toHaveLength(
      30,
    );
  });

  test("takes a list that lacks no more than a third, or fewer than ten", async () => {
    const all = Array.from({ length: 31 }, (_, index) => advisory(`EX-2026-${1000 + index}`));
    await run("1", all);
    expect(await run("2", all.slice(10))).toMatchObject({
      status: "ok",
      connectors: [{ steps: [{ withdrawn: 10 }] }],
    });
    await run("3", all.slice(11));
    expect(await run("4", all.slice(29))).toMatchObject({ status: "failed" });
    await run("4", all.slice(29), { acceptRemovals: true });
    expect(await run("5", all.slice(30))).toMatchObject({
      status: "ok",
      connectors: [{ steps: [{ withdrawn: 1 }] }],
    });
  });

  async function contents() {
    return { advisories: await database().all("advisories"), state: await database().all("etl_state") };
  }
});
