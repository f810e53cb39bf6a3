import { storedIn } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox } from "@cti-connectors/sandbox";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { runThreatfox } from "../testing/run-threatfox.js";
import { type ServedAnswer, serveAnswers } from "../testing/serve-answers.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const requestSchema = z.object({ query: z.string() });
const answerOk = (data: unknown): ServedAnswer => ({ body: JSON.stringify({ query_status: "ok", data }) });

const families = {
  "win.cobalt_strike": { malware_printable: "Cobalt Strike", malware_alias: "Agentemis,BEACON", later: [1] },
  "elf.mirai": { malware_printable: "Mirai", malware_alias: null },
  unknown: { malware_printable: "Unknown malware", malware_alias: null },
};
const types = {
  1: {
    ioc_type: "url",
    fk_threat_type: "payload_delivery",
    description: "URL that delivers a malware payload",
  },
  2: { ioc_type: "domain", fk_threat_type: "payload_delivery", description: null },
};

describeOnServers("reference lists", (openDatabase) => {
  let answers: Record<string, ServedAnswer>;
  let upstream: Awaited<ReturnType<typeof serveAnswers>>;
  beforeEach(async () => {
    answers = {
      get_iocs: { body: '{"query_status":"no_result","data":null}' },
      malware_list: answerOk(families),
      types: answerOk(types),
    };
    upstream = await serveAnswers(({ body }) => answers[requestSchema.parse(JSON.parse(body)).query] ?? {});
  });
  afterEach(() => upstream.close());

  const environment = () => ({
    API_URL: upstream.url,
    THREATFOX_API_KEY: "abcd",
    THREATFOX_RECENT_HOURS: "0",
  });
  const on = (time: string) => ({ now: () => new Date(time) });

  test("become a document per entry, as received, with what people search by", async () => {
    const store = await openDatabase();
    const { connector } = await runThreatfox(store, environment());
    expect(connector).toMatchObject({
      status: "ok",
      requests: 3,
      steps: [
        { name: "iocs", extracted: 0 },
        { name: "malware", extracted: 3, inserted: 3 },
        { name: "types", extracted: 2, inserted: 2 },
      ],
    });
    expect(await storedIn(store, "threatfox_malware")).toMatchObject([
      {
        _id: "elf.mirai",
        data: families["elf.mirai"],
        enriched: { malware: "elf.mirai", name: "Mirai", aliases: [], platform: "elf" },
      },
      { _id: "unknown", data: families.unknown, enriched: { platform: null } },
      {
        _id: "win.cobalt_strike",
        data: families["win.cobalt_strike"],
        enriched: {
          aliases: ["Agentemis", "BEACON"],
          folded_names: ["cobaltstrike", "agentemis", "beacon"],
          platform: "win",
          malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
        },
        removed_at: null,
      },
    ]);
    expect(await storedIn(store, "threatfox_types")).toMatchObject([
      { _id: "1", data: types[1], enriched: { ioc_type: "url", threat_type: "payload_delivery" } },
      { _id: "2", data: types[2], enriched: { description: null } },
    ]);
  });

  test("are asked for once in a day of UTC, and with --full", async () => {
    const store = await openDatabase();
    const asked = async (time: string, full = false) =>
      (await runThreatfox(store, environment(), { ...on(time), full })).connector.requests;
    expect(await asked("2026-01-05T23:58:00Z")).toBe(3);
    expect(await asked("2026-01-05T23:59:00Z")).toBe(1);
    expect(await asked("2026-01-06T00:01:00Z")).toBe(3);
    expect(await asked("2026-01-06T23:59:59Z")).toBe(1);
    expect(await asked("2026-01-06T23:59:59Z", true)).toBe(3);
  });

  test("mark what is gone as withdrawn, and again as listed when it comes back", async () => {
    const store = await openDatabase();
    await runThreatfox(store, environment(), on("2026-01-05T12:00:00Z"));
    const { unknown: _, ...fewer } = families;
    answers.malware_list = answerOk({ ...fewer, "elf.mirai": { malware_printable: "MIRAI" } });
    const { connector } = await runThreatfox(store, environment(), on("2026-01-06T12:00:00Z"));
    expect(connector.steps[1]).toMatchObject({ updated: 1, unchanged: 1, withdrawn: 1, superseded: 0 });
    expect(await storedIn(store, "threatfox_malware")).toMatchObject([
      { enriched: { name: "MIRAI" }, removed_at: null },
      { _id: "unknown", removed_reason: "withdrawn" },
      { removed_at: null },
    ]);
    answers.malware_list = answerOk(families);
    await runThreatfox(store, environment(), on("2026-01-07T12:00:00Z"));
    expect(await store.database.collection("threatfox_malware").countDocuments({ removed_at: null })).toBe(3);
  });

  test("fail without one another where much of one is gone, and change nothing of it", async () => {
    const store = await openDatabase();
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`win.family_${n}`, {}]));
    answers.malware_list = answerOk(many);
    await runThreatfox(store, environment(), on("2026-01-05T12:00:00Z"));
    answers.malware_list = answerOk(families);
    answers.types = answerOk({ ...types, 3: types[1] });
    const { connector } = await runThreatfox(store, environment(), on("2026-01-06T12:00:00Z"));
    expect(connector).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("no longer lists 40 of 40 current documents in threatfox_malware"),
      steps: [{}, { inserted: 0, withdrawn: 0 }, { inserted: 1 }],
    });
    const malware = store.database.collection("threatfox_malware");
    expect(await malware.countDocuments({ removed_at: null })).toBe(40);
    const next = await runThreatfox(store, environment(), {
      ...on("2026-01-06T13:00:00Z"),
      acceptRemovals: true,
    });
    expect(next.connector).toMatchObject({ status: "ok", requests: 2 });
    expect(await malware.countDocuments({ removed_at: null })).toBe(3);
  });

  test("keep an entry that is none in quarantine", async () => {
    const store = await openDatabase();
    answers.types = answerOk({ ...types, 3: "text", 4: null });
    const { connector } = await runThreatfox(store, environment());
    expect(connector).toMatchObject({
      status: "ok",
      steps: [{}, {}, { extracted: 4, inserted: 2, rejected: 2 }],
    });
    expect(await storedIn(store, "etl_rejected")).toMatchObject([
      { step: "types", reason: expect.stringContaining("an entry must be a JSON object") },
      { step: "types" },
    ]);
  });

  test.each<[string, ServedAnswer, RegExp]>([
    ["refused", { body: '{"query_status":"illegal_query"}' }, /illegal_query/u],
    ["of another form", answerOk([{ id: "1" }]), /malware_list does not match its API/u],
    ["a gateway's page", { status: 502, body: "<html>" }, /502/u],
    ["empty", answerOk([]), /the list is empty/u],
    ["without a result", { body: '{"query_status":"no_result"}' }, /the list is empty/u],
  ])("that are %s leave what is stored and are asked for in the next run", async (_name, answer, reason) => {
    const store = await openDatabase();
    await runThreatfox(store, environment(), on("2026-01-05T12:00:00Z"));
    answers.malware_list = answer;
    const { connector, lines } = await runThreatfox(store, environment(), on("2026-01-06T12:00:00Z"));
    expect(connector).toMatchObject({
      status: "ok",
      steps: [{}, { extracted: 0, withdrawn: 0, missing: ["malware_list"] }, { unchanged: 2 }],
    });
    expect(lines.filter((line) => line.includes('"warn"')).join("")).toMatch(reason);
    expect(await store.database.collection("threatfox_malware").countDocuments({ removed_at: null })).toBe(3);
    const next = await runThreatfox(store, environment(), on("2026-01-06T13:00:00Z"));
    expect(next.connector.requests).toBe(2);
  });

  test("of the sandbox", async () => {
    const sandbox = await startSandbox({ attackFiles: [] });
    try {
      const store = await openDatabase();
      const { connector } = await runThreatfox(store, {
        API_URL: sandbox.threatfoxUrl,
        THREATFOX_API_KEY: sandbox.authKey,
      });
      expect(connector).toMatchObject({ status: "ok", requests: 3 });
      const malware = store.database.collection("threatfox_malware");
      expect(await malware.countDocuments({ "enriched.aliases": "BEACON" })).toBe(1);
      const known = store.database.collection("threatfox_types");
      expect(await known.countDocuments({ "enriched.ioc_type": "ip:port" })).toBeGreaterThan(0);
    } finally {
      await sandbox.close();
    }
  });
});
