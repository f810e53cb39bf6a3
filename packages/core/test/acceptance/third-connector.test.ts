import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { configureConnector, createLogger, parseConfig, runConnectors } from "../../src/host.js";
import { defineConnector, type HttpClient, urlSetting } from "../../src/index.js";
import { describeOnMongo } from "../../src/testing/mongo-servers.js";

// What follows is a whole connector, for a catalogue of exploited vulnerabilities: its client and its step.

const catalogue = z.object({ catalogVersion: z.string(), vulnerabilities: z.array(z.unknown()) });

async function fetchCatalogue(http: HttpClient, url: string) {
  const { body } = await http.request(url);
  return catalogue.parse(JSON.parse(body));
}

const kevConfig = z.object({ KEV_URL: urlSetting().describe("Address of the catalogue") });

const kevCheckpoint = z.object({ version: z.string() });

const kev = defineConnector({
  name: "kev",
  summary: "Known exploited vulnerabilities",
  config: kevConfig,
  http: ({ KEV_URL }) => ({ origin: KEV_URL, urlSetting: "KEV_URL" }),
  steps: ({ step }) => [
    step({
      name: "vulnerabilities",
      summary: "Vulnerabilities that are known to be exploited",
      collection: "kev",
      indexes: [{ "enriched.vendor": 1 }],
      record: z.object({
        cveID: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
        vendorProject: z.string(),
        dateAdded: z.iso.date(),
      }),
      checkpoint: kevCheckpoint,
      async *extract({ config, http, checkpoint }) {
        const { catalogVersion, vulnerabilities: records } = await fetchCatalogue(http, config.KEV_URL);
        if (catalogVersion === checkpoint?.version) {
          return;
        }
        const lists = records.map(
          (record) => z.object({ cveID: z.string() }).safeParse(record).data?.cveID ?? "",
        );
        yield { records, lists, checkpoint: { version: catalogVersion }, total: records.length };
      },
      transform: (record) => ({
        _id: record.cveID,
        enriched: { vendor: record.vendorProject.toLowerCase(), added_at: new Date(record.dateAdded) },
      }),
    }),
  ],
});

// Here the connector ends.

const published = (cveID: string, more: object = {}) => ({
  cveID,
  vendorProject: "Example",
  dateAdded: "2026-11-01",
  ...more,
});

describeOnMongo("a third connector", (database) => {
  let answer: { status: number; body: string } = { status: 200, body: "" };
  const server = createServer((_, response) => {
    response.statusCode = answer.status;
    response.end(answer.body);
  });
  let url = "";

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/kev.json`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    answer = { status: 200, body: "" };
  });

  async function run(
    catalogVersion: string,
    records: readonly unknown[],
    { status = 200, ...options }: { status?: number; acceptRemovals?: boolean; dryRun?: boolean } = {},
  ) {
    answer = { status, body: JSON.stringify({ catalogVersion, vulnerabilities: records }) };
    const connector = configureConnector(kev, parseConfig(kev.config, { KEV_URL: url }));
    const log = createLogger({ level: "silent" });
    const { store } = database();
    return runConnectors({ connectors: [connector], store, log, http: { retries: 0 }, ...options });
  }

  test("is a client and steps: loading, change detection, quarantine, listing and errors come from core", async () => {
    const first = await run("1", [
      published("CVE-2026-0001"),
      published("CVE-2026-0002"),
      { cveID: "unknown" },
    ]);
    expect(first.connectors).toMatchObject([
      { name: "kev", status: "ok", requests: 1, steps: [{ extracted: 3, inserted: 2, rejected: 1 }] },
    ]);
    expect(await database().all("kev")).toMatchObject([
      {
        _id: "CVE-2026-0001",
        data: published("CVE-2026-0001"),
        enriched: { vendor: "example", added_at: new Date("2026-11-01") },
        removed_at: null,
      },
      { _id: "CVE-2026-0002" },
    ]);

    const same = await run("1", []);
    expect(same.connectors).toMatchObject([{ status: "ok", steps: [{ extracted: 0 }] }]);

    const changed = await run("2", [
      published("CVE-2026-0001", { vendorProject: "Other" }),
      published("CVE-2026-0003"),
    ]);
    expect(changed.connectors).toMatchObject([{ steps: [{ inserted: 1, updated: 1, withdrawn: 1 }] }]);

    const failed = await run("3", [], { status: 503 });
    expect(failed.connectors).toMatchObject([
      { status: "failed", reason: expect.stringMatching(/^vulnerabilities: .*503/), requests: 1 },
    ]);
  });

  test.each([
    { left: 0, why: /the upstream lists nothing for kev: 30 of 30 current documents/ },
    {
      left: 19,
      why: /no longer lists 11 of 30 current documents in kev: more than MAX_REMOVED_SHARE=0\.33 allows/,
    },
  ])("refuses a list with $left of 30 left, unless removals are accepted", async ({ left, why }) => {
    const all = Array.from({ length: 30 }, (_, index) => published(`CVE-2026-${1000 + index}`));
    await run("1", all);
    const before = await contents();

    const few = [...all.slice(0, left), ...all.slice(0, left && 1).map(() => published("CVE-2026-9999"))];
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
    expect((await database().all("kev")).filter(({ removed_at }) => removed_at === null)).toHaveLength(30);
  });

  test("takes a list that lacks no more than a third, or fewer than ten", async () => {
    const all = Array.from({ length: 31 }, (_, index) => published(`CVE-2026-${1000 + index}`));
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
    return { kev: await database().all("kev"), state: await database().all("etl_state") };
  }
});
