import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { finishDev, startDev } from "../../src/development/start-dev.js";
import { devHere } from "../../src/testing/dev-here.js";
import { connectorSource, type Files, samplePackage } from "../../src/testing/sample-package.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const source = (parts: Parameters<typeof connectorSource>[0]): Files => ({
  "src/index.ts": connectorSource(parts),
});

/** An upstream of one's own with one thing. Returns its URL and the paths asked for. */
async function ownUpstream() {
  const asked: string[] = [];
  const server = await serveOnLoopback(({ url }) => {
    asked.push(new URL(url).pathname);
    return Response.json([{ id: "mine" }]);
  });
  onTestFinished(() => server.close());
  return { url: `${server.url}own`, asked };
}

test("runs against the demo, and shows the documents of the last page, the counts and the outcome", async () => {
  const { stdout, stderr, exitCode } = await finishDev(startDev(samplePackage(), ["--log-level", "warn"]));
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout.replace(/\d\.\d s/, "0.0 s")).toBe(`things, documents of the last page

  _id             'a'
  enriched        { name: 'a' }
  data            { id: 'a' }

  _id             'b'
  enriched        { name: 'b' }
  data            { id: 'b' }

step  extracted  inserted  updated  unchanged  removed  rejected
list          2         2        0          0        0         0

things: ok (1 request, 0 retries, 0 × 429, 0.0 s)
`);
});

test("runs against an upstream of one's own, where its address is set", async () => {
  const { url, asked } = await ownUpstream();
  const { stdout, stderr } = await devHere(undefined, [], { THINGS_URL: url });
  expect(stderr).toContain("running against the upstream in THINGS_URL");
  expect(stdout).toContain("_id             'mine'");
  expect(asked).toEqual(["/own"]);
});

test("sends a key of one's own to no demo, and says so; MONGO_URI is not used", async () => {
  const settings = { THINGS_KEY: "hunter2hunter2", MONGO_URI: "mongodb://127.0.0.1:1" };
  const extract = "log.info({ is: config.THINGS_KEY.length }, 'key'); yield { records: [] };";
  const { stdout, stderr, exitCode } = await devHere(source({ extract }), [], settings);
  expect(stderr).toMatch(
    /running against its demo, http:\/\/127\.0\.0\.1:\d+\/, with the demo's own THINGS_KEY/,
  );
  expect(stderr).toContain("key is=48");
  expect(stderr).toContain("MONGO_URI is not used");
  expect(stdout + stderr).not.toContain("hunter2");
  expect(exitCode).toBe(0);
});

test("reads a key from a file, and shows it nowhere", async () => {
  const folder = mkdtempSync(join(tmpdir(), "connector-dev-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "key"), "hunter2hunter2\n");
  const extract = "log.info({ is: config.THINGS_KEY.length }, 'key'); throw new Error(config.THINGS_KEY);";
  const { url } = await ownUpstream();
  const settings = { THINGS_URL: url, THINGS_KEY_FILE: join(folder, "key") };
  const { stdout, stderr } = await devHere(source({ extract }), [], settings);
  expect(stderr).toContain("key is=14");
  expect(stdout).toContain("list: [redacted]");
  expect(stdout + stderr).not.toContain("hunter2");
  const refused = await devHere(source({ extract }), [], { ...settings, THINGS_KEY: "x" });
  expect(refused.stderr).toContain("THINGS_KEY and THINGS_KEY_FILE must not both be set");
  expect(refused.exitCode).toBe(2);
});

test("keeps a demo from the network", async () => {
  const extract = 'yield { records: JSON.parse((await http.request("http://feed.test/")).body) };';
  const { stdout, exitCode } = await devHere(source({ extract }), ["--log-level", "silent"]);
  expect(stdout).toMatch(/things: failed: list: Nothing was sent to http:\/\/feed\.test/);
  expect(exitCode).toBe(1);
});

test("a connector without a demo asks for --live, which runs it against the upstream in its settings", async () => {
  const { url } = await ownUpstream();
  const files = source({ demo: "", config: `{ THINGS_URL: z.url().default("${url}") }` });
  const refused = await devHere(files);
  expect(refused).toMatchObject({ stdout: "", exitCode: 2 });
  expect(refused.stderr).toContain("things has no demo to run against. --live runs it");
  const live = await devHere(files, ["--live"]);
  expect(live.stdout).toContain("'mine'");
  expect(live.exitCode).toBe(0);
});

test("a run that fails shows what it loaded and why, without the key, and ends with 1", async () => {
  const extract = `yield { records: [{ id: "a" }] };
        log.warn({ key: config.THINGS_KEY }, "no more");
        throw new Error("no more things with " + config.THINGS_KEY);`;
  const settings = { THINGS_URL: "http://127.0.0.1:1/", THINGS_KEY: "hunter2hunter2" };
  const { stdout, stderr, exitCode } = await devHere(source({ extract }), [], settings);
  expect(stdout).toContain("enriched        { name: 'a' }");
  expect(stdout).toMatch(/^list +1 +1 +0 +0 +0 +0$/m);
  expect(stdout).toContain("things: failed: list: no more things with [redacted] (0 requests");
  expect(stdout + stderr).not.toContain("hunter2");
  expect(exitCode).toBe(1);
});

test("shows records that are rejected, and why", async () => {
  const extract = 'yield { records: [{ id: "a" }, { id: 7 }] };';
  const { stdout } = await devHere(source({ extract }));
  expect(stdout).toMatch(/^1 rejected:\n {2}list: .*id.*\n {4}\{"id":7\}$/m);
});

test("shows at most so many documents, with what is long in their data left out, and counts the rest", async () => {
  const extract = 'yield { records: Array.from({ length: 6 }, (_, id) => ({ id: "x".repeat(200) + id })) };';
  const { stdout } = await devHere(source({ extract }), ["--show", "2"]);
  expect(stdout.match(/^ {2}_id /gm)).toHaveLength(2);
  expect(stdout).toContain("more characters");
  expect(stdout).toContain("  … and 4 more");
  const none = await devHere(source({ extract }), ["--show", "0"]);
  expect(none.stdout).toMatch(/^step /);
});

test("--runs shows what another run changes, and the last page although nothing did", async () => {
  const { stdout } = await devHere(undefined, ["--runs", "2"]);
  expect(stdout.match(/^list.*$/gm)).toEqual([
    "list          2         2        0          0        0         0",
    "list          2         0        0          2        0         0",
  ]);
  expect(stdout.match(/_id {13}'b'/g)).toHaveLength(2);
});

test("--dry-run stores and shows no document", async () => {
  const { stdout } = await devHere(undefined, ["--dry-run"]);
  expect(stdout).toMatch(/^step .*\nlist {10}2 {9}2 /);
});

test("--json writes the report alone to standard output", async () => {
  const { stdout } = await devHere(undefined, ["--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok", connectors: [{ name: "things", requests: 1 }] });
});

test("LOG_LEVEL and LOG_FORMAT count, and --log-level wins", async () => {
  const silent = await devHere(undefined, [], { LOG_LEVEL: "silent" });
  expect(silent.stderr).toBe("");
  const json = await devHere(undefined, ["--log-level", "info"], { LOG_LEVEL: "silent", LOG_FORMAT: "json" });
  expect(JSON.parse(json.stderr.split("\n")[0] ?? "")).toMatchObject({ level: "info" });
});

test("relative paths start where the command was typed", async () => {
  const config = "{ THINGS_FILE: z.string().meta({ path: true }), THINGS_URL: z.url() }";
  const extract = "log.info({}, config.THINGS_FILE); yield { records: [] };";
  const settings = { THINGS_FILE: "list.json", INIT_CWD: "/typed/here" };
  const { stderr } = await devHere(source({ config, extract }), [], settings);
  expect(stderr).toMatch(/ \/typed\/here\/list\.json$/m);
});

test("--help shows the connector's options and settings", async () => {
  const { stdout, exitCode } = await devHere(undefined, ["--watch", "--help"]);
  expect(stdout).toMatch(/--few +things: load one thing/);
  expect(stdout).toMatch(/THINGS_URL +\(required\)/);
  expect(stdout).toMatch(/HTTP_RETRIES +How many times to retry a failed request\n +\(default: 4\)/);
  expect(stdout).not.toContain("DB_NAME");
  expect(stdout).toContain("Exit status:");
  expect(exitCode).toBe(0);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
  ["an unknown option", ["--ful"], {}, /unknown option '--ful'\n\(Did you mean --full\?\)/],
  [
    "wrong settings",
    [],
    { THINGS_URL: "nowhere", HTTP_RETRIES: "x" },
    /Invalid settings:\n {2}HTTP_RETRIES .*\n {2}THINGS_URL .*\nSettings come from the environment/,
  ],
])("%s: ends with 2 and says what is expected", async (_, args, settings, message) => {
  const { stdout, stderr, exitCode } = await devHere(undefined, args, settings);
  expect(stderr).toMatch(message);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
});

test("of several connectors an argument names one", async () => {
  const files = {
    "src/index.ts":
      'export * from "./one.js";\nexport * from "./two.js";\nexport { one as default } from "./one.js";\n',
    "src/one.ts": connectorSource({ name: "one" }),
    "src/two.ts": connectorSource({ name: "two" }),
  };
  const none = await devHere(files);
  expect(none.stderr).toContain("This package has 2 connectors: one, two. Name one, such as: dev one");
  expect(none.exitCode).toBe(2);
  expect((await devHere(files, ["two"])).stdout).toContain("two: ok");
});

test("a source that cannot be loaded ends with 1 and says where it is wrong", async () => {
  const { stderr, exitCode } = await finishDev(
    startDev(samplePackage({ "src/index.ts": "export const a: = 1;\n" })),
  );
  expect(stderr).toMatch(/src\/index\.ts:1:16: ERROR: Unexpected "="/);
  expect(exitCode).toBe(1);
});
