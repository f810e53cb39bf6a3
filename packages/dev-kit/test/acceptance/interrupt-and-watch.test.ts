import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { finishDev, type StartedDev, startDev } from "../../src/development/start-dev.js";
import { connectorSource, manifest, samplePackage, writeFiles } from "../../src/testing/sample-package.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Ctrl-C, as a terminal sends it: to every process of the group. */
function pressCtrlC({ pid = 0 }: StartedDev): void {
  process.kill(-pid, "SIGINT");
}

/** Follows what a process writes to both streams. Which of them arrives first is open. */
function follow(started: StartedDev) {
  const streams = [started.stdout, started.stderr].map((stream) => ({ stream, unseen: "" }));
  onTestFinished(() => {
    if (started.exitCode === null) {
      process.kill(-(started.pid ?? 0), "SIGKILL");
    }
  });
  for (const one of streams) {
    one.stream.setEncoding("utf8").on("data", (text: string) => {
      one.unseen += text;
    });
  }
  return {
    /** Resolves when a match is written to one of the streams, behind the last match in it. */
    async next(pattern: RegExp): Promise<void> {
      await vi.waitFor(
        () => {
          for (const one of streams) {
            const match = pattern.exec(one.unseen);
            if (match !== null) {
              one.unseen = one.unseen.slice(match.index + match[0].length);
              return;
            }
          }
          expect.fail(`${pattern} was not seen in:\n${streams.map(({ unseen }) => unseen).join("\n")}`);
        },
        { timeout: 60_000, interval: 20 },
      );
    },
  };
}

test("Ctrl-C ends a run with 130 and says what it loaded", async () => {
  const extract = `yield { records: [{ id: "a" }] };
        console.error("first page loaded");
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`;
  const started = startDev(samplePackage({ "src/index.ts": connectorSource({ extract }) }));
  const seen = follow(started);
  const ended = finishDev(started);
  await seen.next(/first page loaded/);
  pressCtrlC(started);
  const { stdout, exitCode } = await ended;
  expect(stdout).toContain("'a'");
  expect(stdout).toContain("things: interrupted (0 requests");
  expect(exitCode).toBe(130);
});

test("a second Ctrl-C ends a run at once that does not end by itself, and leaves no file", async () => {
  const extract = `console.error("hanging"); signal.addEventListener("abort", () => console.error("asked to end"));
        await new Promise((resolve) => setTimeout(resolve, 60_000)); yield { records: [] };`;
  const temporary = samplePackage();
  const before = readdirSync(temporary);
  const folder = samplePackage({ "src/index.ts": connectorSource({ extract }) });
  const started = startDev(folder, [], { TMPDIR: temporary });
  const seen = follow(started);
  const ended = finishDev(started);
  await seen.next(/hanging/);
  pressCtrlC(started);
  await seen.next(/asked to end/);
  pressCtrlC(started);
  expect((await ended).exitCode).toBe(130);
  // tsx keeps what it has compiled.
  expect(readdirSync(temporary).filter((name) => !name.startsWith("tsx-"))).toEqual(before);
});

test("--watch runs again after each change, whatever the run before came to, until Ctrl-C", async () => {
  const prefixed = connectorSource({ enriched: "{ name: prefix + record.id }" });
  const entry = `import { prefix } from "other";\n${prefixed}`;
  const prefix = (text: string) => ({ "src/index.ts": `export const prefix: string = ${text};\n` });
  const other = samplePackage({ "package.json": manifest.replace("things", "other"), ...prefix('"one "') });
  const broken = { "src/index.ts": "export const things: = 1;\n" };
  const folder = samplePackage(broken);
  symlinkSync(other, join(folder, "node_modules/other"));

  const started = startDev(folder, ["--watch", "--log-level", "warn"]);
  const seen = follow(started);
  const ended = finishDev(started);
  // On a busy machine the watcher may run twice for one change.
  const seenUntilWaiting = async (pattern: RegExp) => {
    await seen.next(pattern);
    await seen.next(/Waiting for a change\. Press Ctrl-C to stop\.\n/);
  };
  await seenUntilWaiting(/index\.ts:1:21: ERROR/);
  writeFiles(folder, { "src/index.ts": entry });
  await seenUntilWaiting(/name: 'one a'/);
  writeFiles(other, prefix('"two "'));
  await seenUntilWaiting(/name: 'two a'/);
  writeFiles(folder, broken);
  await seenUntilWaiting(/index\.ts:1:21: ERROR/);
  writeFiles(folder, { "src/index.ts": "export const things = 1;\n" });
  await seenUntilWaiting(/exports no connector/);
  writeFiles(folder, { "src/index.ts": entry.replace("yield {", 'throw new Error("none"); yield {') });
  await seenUntilWaiting(/things: failed: list: none/);
  writeFiles(folder, { "src/index.ts": entry });
  await seenUntilWaiting(/things: ok/);
  pressCtrlC(started);
  expect((await ended).exitCode).toBe(130);
});

test("Ctrl-C ends --watch in the middle of a run", async () => {
  const extract = `console.error("running"); await new Promise((resolve) => signal.addEventListener("abort", resolve));`;
  const files = {
    "src/index.ts": connectorSource({ extract: `${extract}\n        yield { records: [] };` }),
  };
  const started = startDev(samplePackage(files), ["--watch"]);
  const seen = follow(started);
  const ended = finishDev(started);
  await seen.next(/running/);
  pressCtrlC(started);
  const { stdout, exitCode } = await ended;
  expect(stdout).toContain("things: interrupted");
  expect(exitCode).toBe(130);
});
