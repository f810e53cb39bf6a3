import { collectionSetting, defineConnector, urlSetting } from "@cti-connectors/core";
import {
  type Connector,
  createLogger,
  createRedactor,
  findDemoFaults,
  runConnectors,
} from "@cti-connectors/core/host";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { runCommand } from "../commands/run-command.js";
import { openConfiguredStore } from "../database/open-configured-store.js";
import { readSettings } from "../settings/read-settings.js";
import { connectors } from "../testing/program.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { askLoaded, emptyDemoDatabase, prepareDemo } from "./prepare-demo.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const acmeConfig = z.object({
  ACME_URL: urlSetting().default("https://acme.example/list.json"),
  ACME_KEY: z.string().meta({ secret: true }).optional(),
  ACME_COLLECTION: collectionSetting().default("acme_things"),
});
type Demo = NonNullable<Connector["demo"]>;

/** A connector whose upstream lists two things to those who have the key. */
function acme(demo: Demo): Connector {
  return defineConnector({
    name: "acme",
    summary: "a test",
    config: acmeConfig,
    demo,
    http: ({ ACME_URL, ACME_KEY = "" }) => ({
      urlSetting: "ACME_URL",
      origin: new URL(ACME_URL).origin,
      headers: { "acme-key": ACME_KEY },
    }),
    steps: ({ step }) => [
      step({
        name: "things",
        summary: "a test",
        collection: { setting: "ACME_COLLECTION" },
        record: z.object({ id: z.string(), seen: z.iso.datetime() }),
        async *extract({ http, config }) {
          const { body } = await http.request(config.ACME_URL);
          const records: unknown = JSON.parse(body);
          yield { records: z.array(z.unknown()).parse(records) };
        },
        transform: ({ id, seen }) => ({ _id: id, enriched: { seen: new Date(seen) } }),
      }),
    ],
  });
}

const things = [
  { id: "a", seen: "2026-11-22T02:36:10Z" },
  { id: "b", seen: "2026-11-23T02:36:10Z" },
];
const ownDemo: Demo = {
  answer: ({ url, headers }) =>
    url.endsWith("/list.json") && headers.get("acme-key") !== ""
      ? Response.json(things)
      : new Response("", { status: 403 }),
  settings: ({ url, key }) => ({ ACME_URL: `${url}list.json`, ACME_KEY: key }),
  questions: [
    {
      question: "Things seen since 22 November, newest first",
      step: "things",
      filter: { "enriched.seen": { $gte: new Date("2026-11-22") } },
      sort: { "enriched.seen": -1 },
      columns: { id: "_id", seen: "enriched.seen" },
    },
  ],
};

/** A connector that loads nothing. */
function bare(name: string, demo?: Demo): Connector {
  return defineConnector({
    ...{ name, summary: "a test", config: z.object({}), steps: [] },
    ...(demo && { demo }),
  });
}

/** `--demo` with these connectors: what it writes, and its exit status. */
async function demoOf(
  list: readonly Connector[],
  environment: Readonly<Record<string, string>> = {},
  names: readonly string[] = [],
) {
  const folder = temporaryFolder();
  const printed: string[] = [];
  const said: string[] = [];
  const status = await runCommand(
    names,
    { demo: true },
    {},
    {
      ...{
        connectors: list,
        command: "cti",
        quietCommand: "cti",
        folder,
        dataFolder: folder,
        settingsFile: ".env",
      },
      ...{
        environment: { LOG_LEVEL: "silent", HTTP_RETRIES: "0", ...environment },
        secrets: [],
        warnings: [],
        faults: [],
        processEnvironment: {},
        files: [],
      },
      redact: createRedactor([]),
      readAgain: () => Promise.reject(new Error("a demo reads its settings once")),
    },
    { print: (text) => printed.push(text), say: (text) => said.push(text) },
  );
  return { status, printed: printed.join("\n"), said };
}

test("a connector that brings its upstream is shown with its own questions, and its settings do not count", async () => {
  const { status, printed, said } = await demoOf([acme(ownDemo)], {
    ACME_URL: "https://acme.example/mine.json",
    ACME_COLLECTION: "mine",
  });
  expect(status).toBe(0);
  expect(printed).toContain(
    [
      "Things seen since 22 November, newest first",
      "  db.acme_things.find({",
      '    "enriched.seen": { $gte: ISODate("2026-11-22T00:00:00.000Z") }',
      '  }).sort({ "enriched.seen": -1 })',
      "    id  seen",
      "    b   2026-11-23 02:36",
      "    a   2026-11-22 02:36",
      "",
    ].join("\n"),
  );
  expect(said).toEqual(["A demo does not use these settings: ACME_URL, ACME_COLLECTION."]);
});

test("a key of a demo that is a word does not hide that word", async () => {
  const settings: Demo["settings"] = ({ url }) => ({ ACME_URL: `${url}list.json`, ACME_KEY: "threat" });
  const { printed } = await demoOf([acme({ ...ownDemo, settings })]);
  expect(printed).toContain("database threat_intelligence_demo of");
  expect(printed).not.toContain("[redacted]");
});

test("a demo of some connectors names only what they miss, and recommends a run of them", async () => {
  const other = { ...acme(ownDemo), name: "other" };
  const named = connectors.filter(({ name }) => name !== "threatfox");
  const { printed } = await demoOf([other, ...connectors], {}, [
    other.name,
    ...named.map(({ name }) => name),
  ]);
  expect(printed).toContain("Next, load the real data:\n  cti run other mitre-taxii");
  expect(printed).not.toContain("THREATFOX_API_KEY");
});

test("a connector that forgot its address does not leave this machine, and the others are shown", async () => {
  const forgetful = { ...acme({ ...ownDemo, settings: () => ({}) }), name: "forgetful" };
  const { status, printed } = await demoOf([
    forgetful,
    ...connectors.filter(({ name }) => name === "threatfox"),
  ]);
  expect(status).toBe(1);
  expect(printed).toMatch(/✖ forgetful: failed \(0 requests/);
  expect(printed).toMatch(
    /Nothing was sent to https:\/\/acme\.example\/list\.json, because this run stays on this machine: ACME_URL must start with/,
  );
  expect(printed).not.toContain("Things seen");
  expect(printed).toContain("IOCs of Cobalt Strike, newest first");
});

test("a connector that cannot run without network is skipped, with a line that says why", async () => {
  const { status, printed, said } = await demoOf([
    acme(ownDemo),
    bare("plain"),
    bare("foreign", { simulator: "acme-feed", settings: () => ({}) }),
  ]);
  expect(status).toBe(0);
  expect(said).toEqual([
    "plain is skipped: it has no demo.",
    "foreign is skipped: the sandbox has no simulator named acme-feed, only attack-taxii and threatfox.",
  ]);
  expect(printed).toContain("acme: ok");
  expect(printed).not.toMatch(/plain|foreign/);
});

test("a demo with nothing to show is a mistake of whoever asked for it", async () => {
  await expect(demoOf([bare("plain")])).rejects.toThrow(
    expect.objectContaining({
      name: "UsageError",
      message: "No connector can run without network. plain is skipped: it has no demo.",
    }),
  );
});

test("a demo that sets what is no setting of its connector is refused, and its upstream closed", async () => {
  const urls: string[] = [];
  const misspelled: Demo = {
    ...ownDemo,
    settings({ url }) {
      urls.push(url);
      return { ACME_ULR: url };
    },
  };
  await expect(demoOf([acme(misspelled)])).rejects.toThrow(
    "The demo of the connector acme sets ACME_ULR, but the connector has no such setting.",
  );
  await expect(fetch(urls[0] ?? "")).rejects.toThrow("fetch failed");
});

test("every question of the connectors of the runner is answered, with all its columns", async () => {
  const folder = temporaryFolder();
  const demo = await prepareDemo(connectors, { connectors, environment: {} });
  onTestFinished(() => demo.close());
  const settings = readSettings(demo.connectors, demo.environment);
  const { store, close } = await openConfiguredStore(settings.base, { dataFolder: folder, command: "cti" });
  try {
    const report = await runConnectors({
      connectors: settings.connectors,
      store,
      log: createLogger({ level: "silent" }),
      http: { retries: 0, loopbackOnly: true },
    });
    const answers = await askLoaded(report, settings, { connectors }, store.reader);
    expect(answers.length).toBeGreaterThanOrEqual(connectors.length);
    expect(findDemoFaults(answers)).toEqual([]);
  } finally {
    await close();
  }
});

test("only the embedded database of a demo is emptied", async () => {
  const folder = temporaryFolder();
  const left = async (db: string, kind?: "mongodb") => {
    const { store, close } = await openConfiguredStore(
      { MONGO_URI: undefined, DB_NAME: db },
      { dataFolder: folder, command: "cti" },
    );
    try {
      await store.database.collection("things").insertOne({});
      const outcome = await emptyDemoDatabase({ ...store, ...(kind && { kind }) }).catch(String);
      return [outcome, await store.database.collection("things").countDocuments()];
    } finally {
      await close();
    }
  };
  const refusal = (db: string) => `Error: The database ${db} does not belong to a demo: it is not emptied.`;
  expect(await left("intelligence_demo")).toEqual([undefined, 0]);
  expect(await left("intelligence")).toEqual([refusal("intelligence"), 1]);
  expect(await left("other_demo", "mongodb")).toEqual([refusal("other_demo"), 1]);
});
