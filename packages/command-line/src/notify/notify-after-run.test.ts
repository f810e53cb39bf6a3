import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { runCommand } from "../commands/run-command.js";
import type { RunOptions } from "../run/run-once.js";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { inDatabase } from "../testing/run-process.js";
import { type Receiver, receiverSecret, startReceiver } from "../testing/start-receiver.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

afterEach(() => vi.restoreAllMocks());

const stixFiles = new URL("../../../sandbox/src/demo/", import.meta.url).pathname;
const ics17 = join(stixFiles, "ics-attack-17.1.json");
const ics18 = join(stixFiles, "ics-attack-18.1.json");

interface Run {
  readonly names?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: RunOptions;
}

/** Runs in this process, one after the other, into an embedded database of their own. */
async function openWorkplace(settings: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const logged: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    logged.push(String(line));
    return true;
  });
  return {
    folder,
    receiver,
    /** What was written to standard error so far. */
    log: () => logged.join(""),
    async run({ names = ["threatfox"], env = {}, options = {} }: Run = {}) {
      const surroundings = await findSurroundings(program, {
        processEnvironment: {
          DATA_DIR: join(folder, "database"),
          NOTIFY_URL: receiver.url,
          HTTP_RETRIES: "0",
          ...settings,
          ...env,
        },
        currentFolder: folder,
        folders: foldersIn(folder),
      });
      const terminal = { print: () => undefined, say: (text: string) => void logged.push(text) };
      return runCommand(names, { json: true, ...options }, {}, surroundings, terminal);
    },
  };
}

async function startThreatfox() {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  return {
    sandbox,
    settings: {
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
      THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
    },
    /** Every request of the API fails with it. Returns what ends that. */
    breakDown: (body = "<!everyone> is down & out") =>
      sandbox.addFault({
        upstream: "threatfox",
        times: 1_000,
        answer: { kind: "status", status: 503, body },
      }),
  };
}

const summary = (receiver: Receiver) =>
  receiver
    .notifications()
    .map(({ event, resolved, title }) => `${event}${resolved ? " resolved" : ""}: ${title}`);

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

const failing = "failing: threatfox failed 3 times in a row";
const works = "failing resolved: threatfox works again";

describe("a connector that fails", () => {
  test("is reported once, at the third failure in a row, and once when it works again", async () => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver } = await openWorkplace(settings);
    await run();
    const repair = breakDown();
    await run();
    await run();
    expect(receiver.bodies).toEqual([]);
    await run();
    expect(summary(receiver)).toEqual([failing]);
    await run();
    repair();
    await run();
    await run();
    expect(summary(receiver)).toEqual([failing, works]);
    const [begun, over] = receiver.notifications();
    expect(begun).toMatchObject({
      severity: "error",
      database: "threat_intelligence",
      connector: "threatfox",
      details: { failures: 3, reason: expect.stringContaining("answered 503") },
    });
    expect(over?.details.since).toBe(begun?.details.since);
  });

  test("is not reported when it works again before", async () => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver } = await openWorkplace(settings);
    for (const _ of [1, 2]) {
      const repair = breakDown();
      await run();
      await run();
      repair();
      await run();
    }
    expect(receiver.bodies).toEqual([]);
  });

  test("is reported again when it fails again", async () => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver } = await openWorkplace({ ...settings, NOTIFY_AFTER_FAILURES: "1" });
    for (const _ of [1, 2]) {
      const repair = breakDown();
      await run();
      repair();
      await run();
    }
    const [first, , second] = receiver.notifications();
    expect(receiver.bodies).toHaveLength(4);
    expect(first?.id).not.toBe(second?.id);
  });
});

describe("a webhook that does not accept a notification", () => {
  test.each<[string, Parameters<Receiver["answer"]>[0], RegExp]>([
    ["answers 500", (response) => response.writeHead(500).end(receiverSecret), /answered 500/],
    [
      "redirects to another host",
      (response) => response.writeHead(307, { location: "http://localhost:1/other" }).end(),
      /redirects to another origin/,
    ],
    ["does not answer", () => undefined, /did not answer within/],
  ])("gets it after the next run: %s", async (_what, answer, logs) => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver, log } = await openWorkplace({ ...settings, NOTIFY_AFTER_FAILURES: "1" });
    breakDown();
    receiver.answer(answer);
    const env = { HTTP_TIMEOUT_MS: "300" };
    expect(await run({ env })).toBe(1);
    expect(log()).toMatch(/WARN .*notifications could not be sent to NOTIFY_URL: the next run tries again/);
    expect(log()).toMatch(logs);
    expect(log()).not.toContain(receiverSecret);
    receiver.answer((response) => response.writeHead(202).end());
    await run();
    await run();
    const [refused, accepted, ...others] = receiver.notifications();
    expect(others).toEqual([]);
    expect(refused?.id).toBe(accepted?.id);
  });

  test("does not change the outcome of a run that succeeded", async () => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver } = await openWorkplace({ ...settings, NOTIFY_AFTER_FAILURES: "1" });
    const repair = breakDown();
    await run();
    repair();
    receiver.answer((response) => response.destroy());
    expect(await run()).toBe(0);
  });
});

test("data older than MAX_DATA_AGE is reported once, and when it is up to date again", async () => {
  const { settings, breakDown } = await startThreatfox();
  const { run, receiver, folder } = await openWorkplace({ ...settings, MAX_DATA_AGE: "26h" });
  await run();
  await inDatabase({ folder }, (database) => {
    const longAgo = daysAgo(27 / 24);
    const times = { started_at: longAgo, finished_at: longAgo };
    return database.collection("etl_runs").updateMany({}, { $set: times });
  });
  const repair = breakDown();
  await run();
  await run();
  repair();
  await run();
  expect(summary(receiver)).toEqual([
    "stale: The data of threatfox is older than MAX_DATA_AGE",
    "stale resolved: The data of threatfox is up to date again",
  ]);
  expect(receiver.notifications()[0]).toMatchObject({ details: { maxAgeSeconds: 93_600 } });
});

test("old data is not reported besides the failures that explain it, except where nobody is notified of those", async () => {
  const { settings, breakDown } = await startThreatfox();
  const { run, receiver, folder } = await openWorkplace({
    ...settings,
    MAX_DATA_AGE: "26h",
    NOTIFY_AFTER_FAILURES: "1",
  });
  await run();
  await inDatabase({ folder }, (database) =>
    database.collection("etl_runs").updateMany({}, { $set: { finished_at: daysAgo(2) } }),
  );
  breakDown();
  await run();
  expect(receiver.notifications()).toMatchObject([{ event: "failing" }]);
  await run({ env: { NOTIFY_EVENTS: "stale" } });
  expect(receiver.notifications()).toMatchObject([{ event: "failing" }, { event: "stale" }]);
});

test("a gap that could not be filled is reported once, and when it is filled", async () => {
  const { settings, sandbox } = await startThreatfox();
  const { run, receiver, folder } = await openWorkplace(settings);
  await run();
  const queriedAt = daysAgo(9).toISOString();
  await inDatabase({ folder }, async (database) => {
    const state = database.collection<{ _id: string; value: string }>("etl_state");
    const _id = "checkpoint/threatfox/iocs";
    const checkpoint = JSON.parse((await state.findOne({ _id }))?.value ?? "");
    const value = JSON.stringify({ ...checkpoint, queried_at: queriedAt });
    await state.updateOne({ _id }, { $set: { value } });
  });
  const repair = sandbox.addFault({
    upstream: "threatfox",
    path: "/export/json/full/",
    times: 1_000,
    answer: { kind: "status", status: 503 },
  });
  await run();
  expect(await run()).toBe(1);
  repair();
  const firstSeen = daysAgo(8).toISOString().slice(0, 19).replace("T", " ");
  sandbox.publish([{ id: "41", ioc: "192.0.2.41:443", ioc_type: "ip:port", first_seen: `${firstSeen} UTC` }]);
  expect(await run()).toBe(0);
  expect(summary(receiver)).toEqual([
    "gap: threatfox could not fill a gap",
    "gap resolved: threatfox filled a gap",
  ]);
  expect(receiver.notifications()[0]).toMatchObject({ severity: "error", details: { from: queriedAt } });
});

test("what could not be loaded is reported once, and when it is loaded", async () => {
  const { settings, sandbox } = await startThreatfox();
  const { run, receiver } = await openWorkplace(settings);
  const refusal = { kind: "status", status: 200, body: '{"query_status":"unknown_operation"}' } as const;
  const iocs = 1;
  const repair = sandbox.addFault({ upstream: "threatfox", skip: iocs, times: 2, answer: refusal });
  expect(await run()).toBe(0);
  repair();
  expect(await run()).toBe(0);
  expect(summary(receiver)).toEqual([
    "missing: threatfox could not load everything",
    "missing resolved: threatfox loaded what was missing",
  ]);
  expect(receiver.notifications()[0]).toMatchObject({
    severity: "warning",
    details: { names: ["malware_list", "types"] },
  });
});

test("a new release is reported with what it changed; the first load of a database is none", async () => {
  const { run, receiver } = await openWorkplace({ MITRE_REQUEST_BUDGET: "off" });
  const mitre = { names: ["mitre-taxii"] };
  const old = await startSandbox({ attackFiles: [ics17], quota: null });
  const taxiiPort = Number(new URL(old.taxiiUrl).port);
  const env = { MITRE_TAXII_URL: old.taxiiUrl };
  await run({ ...mitre, env });
  await run({ ...mitre, env });
  await old.close();
  expect(receiver.bodies).toEqual([]);
  const renewed = await startSandbox({ attackFiles: [ics17, ics18], quota: null, taxiiPort });
  onTestFinished(() => renewed.close());
  await run({ ...mitre, env });
  await run({ ...mitre, env });
  expect(summary(receiver)).toEqual(["release: mitre-taxii loaded release 18.1"]);
  const [release] = receiver.notifications();
  expect(release).toMatchObject({ severity: "info", connector: "mitre-taxii" });
  expect(release?.details).toEqual({
    changes: [
      {
        name: "ICS ATT&CK",
        from: "17.1",
        to: "18.1",
        counts: { added: 6, modified: 3, revoked: 0, deprecated: 0, withdrawn: 1 },
      },
    ],
  });
  expect(release?.text).toContain("All changes: cti changes");
});

test("what already was stored before NOTIFY_URL was set is no news, and what comes then is", async () => {
  const { run, receiver } = await openWorkplace({ MITRE_REQUEST_BUDGET: "off" });
  const old = await startSandbox({ attackFiles: [ics17], quota: null });
  const taxiiPort = Number(new URL(old.taxiiUrl).port);
  const names = ["mitre-taxii"];
  await run({ names, env: { MITRE_TAXII_URL: old.taxiiUrl, NOTIFY_URL: "" } });
  await old.close();
  const renewed = await startSandbox({ attackFiles: [ics17, ics18], quota: null, taxiiPort });
  onTestFinished(() => renewed.close());
  await run({ names, env: { MITRE_TAXII_URL: old.taxiiUrl } });
  expect(summary(receiver)).toEqual(["release: mitre-taxii loaded release 18.1"]);
});

describe("nothing is sent", () => {
  test.each<[string, Run]>([
    ["by a dry run", { options: { dryRun: true } }],
    ["by a demo", { options: { demo: true }, names: [] }],
    ["of events that NOTIFY_EVENTS leaves out", { env: { NOTIFY_EVENTS: "stale,release" } }],
    ["without NOTIFY_URL", { env: { NOTIFY_URL: "" } }],
  ])("%s", async (_what, asked) => {
    const { settings, breakDown } = await startThreatfox();
    const { run, receiver } = await openWorkplace({ ...settings, NOTIFY_AFTER_FAILURES: "1" });
    breakDown();
    await run(asked);
    expect(receiver.bodies).toEqual([]);
  });
});

test("a notification holds no secret and no mention, not even one that the upstream sends back", async () => {
  const { settings, breakDown } = await startThreatfox();
  const { run, receiver } = await openWorkplace({
    ...settings,
    NOTIFY_AFTER_FAILURES: "1",
    NOTIFY_FORMAT: "slack",
  });
  breakDown(JSON.stringify({ error: `the key ${settings.THREATFOX_API_KEY} is <!channel> not known` }));
  await run();
  const [body] = receiver.bodies;
  expect(body).toContain("the key [redacted] is &lt;!channel&gt; not known");
  expect(body).not.toContain(settings.THREATFOX_API_KEY);
  expect(body).not.toContain(receiverSecret);
  expect(body).not.toContain("<");
});
