import { inspect } from "node:util";
import type { TestRun } from "@cti-connectors/core/testing";
import { readDatabase } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { writeTemporary } from "../../src/testing/export-files.js";
import { runThreatfox } from "../../src/testing/run-threatfox.js";
import { type ReceivedRequest, type ServedAnswer, serveAnswers } from "../../src/testing/serve-answers.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// Of the length of a real one, with a character that URLs escape.
const key = "5ecret+0123456789abcdef0123456789abcdef012345678";
const spellingsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64").slice(0, -4),
];
const c2 = { id: "900001", ioc: "203.0.113.5:443", ioc_type: "ip:port" };
const answerOk = (data: unknown): ServedAnswer => ({ body: JSON.stringify({ query_status: "ok", data }) });
const redirectTo = (location: string, status = 307): ServedAnswer => ({ status, headers: { location } });

async function serve(answer: ServedAnswer | ((request: ReceivedRequest) => ServedAnswer)) {
  const server = await serveAnswers(answer);
  onTestFinished(() => server.close());
  return server;
}

describeOnServers("the key", (openDatabase) => {
  /** Runs, and expects that nothing that the run leaves behind holds the key. */
  async function run(
    url: string,
    authKey = key,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<TestRun> {
    const store = await openDatabase();
    const told = await runThreatfox(store, { API_URL: url, THREATFOX_API_KEY: authKey, ...environment });
    const traces =
      inspect(told, { depth: 20, maxStringLength: null }) + JSON.stringify(await readDatabase(store));
    expect(spellingsOf(authKey).filter((spelling) => traces.includes(spelling))).toEqual([]);
    expect(told.lines.join("")).toContain('"debug"');
    return told;
  }

  test.each<[string, string]>([
    ["in its path", `/moved/${key}`],
    ["in a query that is named like a key", `/?auth-key=${encodeURIComponent(key)}`],
    ["in a query of another name", `/?k=${encodeURIComponent(key)}`],
  ])("is shown nowhere where a redirect within the origin has it %s", async (_name, location) => {
    const upstream = await serve(({ path }) => (path === "/api/v1/" ? redirectTo(location) : answerOk([c2])));
    const { connector } = await run(upstream.url);
    expect(connector.steps[0]).toMatchObject({ name: "iocs", inserted: 1 });
    expect(upstream.requests.every(({ headers }) => headers["auth-key"] === key)).toBe(true);
  });

  test.each([301, 302, 303, 307, 308])("does not follow a %i to another origin", async (status) => {
    const other = await serve(answerOk([c2]));
    for (const location of [other.url, `${other.url}?auth-key=${key}`, other.url.replace("http:", "")]) {
      const { connector } = await run((await serve(redirectTo(location, status))).url);
      expect(connector).toMatchObject({
        status: "failed",
        reason: expect.stringContaining("another origin"),
      });
    }
    expect(other.requests).toEqual([]);
  });

  test("does not follow a redirect to another host name, and is not shown as one", async () => {
    const plain = key.replace("+", "");
    const upstream = await serve(redirectTo(`http://${plain}.example/`));
    expect((await run(upstream.url, plain)).connector.status).toBe("failed");
    const named = await serve(redirectTo(`https://user:${key}@evil.example/`));
    expect((await run(named.url)).connector.status).toBe("failed");
  });

  test.each<[string, ServedAnswer]>([
    ["a refusal", { body: `{"query_status":"unknown_auth_key","data":"${key}"}` }],
    ["a status", { body: `{"query_status":"bad ${key}"}` }],
    ["a 403", { status: 403, body: `{"query_status":"unknown_auth_key","data":"${key}"}` }],
    ["another form", answerOk(key)],
    ["nothing but itself", { body: key }],
  ])("that ThreatFox sends back in %s is in no error and no document", async (_name, answer) => {
    expect((await run((await serve(answer)).url)).connector.status).toBe("failed");
  });

  test("that ThreatFox sends back as PHP writes it, with escaped slashes, is in no document", async () => {
    const slashed = "5ecret/0123456789abcdef/0123456789abcdef01234567";
    const { body = "" } = answerOk([{ ...c2, comment: `asked with ${slashed}` }]);
    const answer = { body: String(body).replaceAll("/", String.raw`\/`) };
    expect(answer.body).not.toContain(slashed);
    const { connector } = await run((await serve(answer)).url, slashed);
    expect(connector.steps[0]).toMatchObject({ inserted: 1 });
  });

  test("that is in an export is in no document and not in quarantine", async () => {
    const ioc = { ioc_value: "c2.example", ioc_type: "domain", threat_type: "botnet_cc", reporter: key };
    const records = { "1": [{ ...ioc, tags: `c2,${key}` }], "2": [{ reference: key }], [key]: [ioc] };
    const file = writeTemporary(JSON.stringify(records));
    const upstream = await serve(answerOk([]));
    const { connector } = await run(upstream.url, key, { THREATFOX_BACKFILL: file });
    expect(connector.steps[0]).toMatchObject({ inserted: 2, rejected: 1 });
  });

  test.each([
    ["below the API's origin", (_key: string) => "/files/exports/full.json.zip"],
    ["in the query", (authKey: string) => `/files/exports/full.csv.zip?auth-key=${authKey}`],
    ["in the path", (authKey: string) => `/v2/files/exports/${authKey}/full.json.zip`],
    ["of an export that is not there", (authKey: string) => `/v2/files/exports/${authKey}/none.json`],
    ["of another one", (authKey: string) => `/v2/files/exports/x/full.json.zip?auth-key=${authKey}`],
  ])("is shown nowhere where it is in the address of an export: %s", async (_name, pathOf) => {
    const sandbox = await startSandbox({ attackFiles: [] });
    onTestFinished(() => sandbox.close());
    const address = new URL(pathOf(sandbox.authKey), sandbox.threatfoxUrl).href;
    await run(sandbox.threatfoxUrl, sandbox.authKey, { THREATFOX_BACKFILL: address });
    await run(sandbox.threatfoxUrl, sandbox.authKey, { THREATFOX_BACKFILL: address, THREATFOX_API_KEY: "" });
  });

  test("is in no log line and no document, whatever fails at the sandbox", async () => {
    const sandbox = await startSandbox({ attackFiles: [] });
    onTestFinished(() => sandbox.close());
    const statusOf = async () => (await run(sandbox.threatfoxUrl, sandbox.authKey)).connector.status;
    for (const kind of ["disconnect", "truncate", "malformed-json"] as const) {
      sandbox.addFault({ upstream: "threatfox", answer: { kind } });
      expect(await statusOf()).toBe("failed");
    }
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "html", status: 503 } });
    expect(await statusOf()).toBe("failed");
    expect(await statusOf()).toBe("ok");
  });
});
