import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

/** What the README shows, as the tests of the repository prove. */
const shown = readFileSync(new URL("../../src/testing/demo.txt", import.meta.url), "utf8");
const start = fileURLToPath(new URL("../../start.mjs", import.meta.url));

/** Lines without what differs from run to run: dates, times, and how wide the columns are. */
function linesOf(text: string): readonly string[] {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "<date>")
    .replaceAll(/\b\d+:\d\d\b/g, "<time>")
    .split("\n")
    .map((line) => line.trim().replaceAll(/ +/g, " "))
    .filter((line) => line !== "");
}

test("the demo shows what the README shows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runner-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { exitCode, stdout, stderr } = await execa(execPath, [start, "--demo"], {
    env: { PATH: env.PATH, INIT_CWD: folder, DATA_DIR: join(folder, "database"), LOG_LEVEL: "warn" },
    extendEnv: false,
    reject: false,
  });
  expect(exitCode, stderr).toBe(0);
  const lines = linesOf(stdout);
  let next = 0;
  // More connectors, and more of their questions, may stand in between.
  const missing = linesOf(shown).filter((line) => {
    const at = lines.indexOf(line, next);
    next = at < 0 ? next : at + 1;
    return at < 0;
  });
  expect(missing).toEqual([]);
});
