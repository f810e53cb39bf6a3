import { kill } from "node:process";
import { expect, test } from "vitest";
import { startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { seen, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test("status, changes, rejected and export answer while a run has the embedded database open, and after it was killed", async () => {
  const folder = temporaryFolder();
  const sandbox = await startSandboxProcess({ args: [] }, { folder, quota: "none", timeoutMs: 100_000 });
  const loaded = await startProcess(["run", "threatfox", "--json"], { folder, env: sandbox.env });
  expect(loaded.exitCode, loaded.stderr).toBe(0);
  // Waits for the rest of the budget of its second request.
  const env = { ...sandbox.env, MITRE_REQUEST_BUDGET: "2/600" };
  const run = startProcess(["run", "mitre-taxii", "--json"], { folder, env });
  await seen(run, "stderr", /waiting: /);

  const ask = (...args: string[]) => startProcess(args, { folder, env });
  const [status, text, changes, rejected, exported] = await Promise.all([
    ask("status", "--json"),
    ask("status"),
    ask("changes"),
    ask("rejected"),
    ask("export", "csv"),
  ]);
  expect(JSON.parse(status.stdout)).toMatchObject({
    store: { kind: "embedded", host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    connectors: [{ runs: [{ status: "running" }] }, { runs: [{ status: "ok" }] }],
    health: { isHealthy: false, connectors: [{ state: "never" }, { state: "fresh" }] },
  });
  expect(status.exitCode).toBe(1);
  expect(text.stdout).toContain(`process ${run.pid} (run) has it open`);
  // No object of ATT&CK is stored yet.
  expect([changes.exitCode, rejected.exitCode, exported.exitCode]).toEqual([1, 0, 0]);
  expect(changes.stdout).toContain("run mitre-taxii");
  expect(exported.stdout.split("\n").length).toBeGreaterThan(20);

  kill(run.pid ?? 0, "SIGKILL");
  await run;
  const after = await ask("status", "--json");
  expect(JSON.parse(after.stdout)).toMatchObject({
    store: { kind: "embedded" },
    connectors: [{ runs: [{ status: "interrupted" }] }, {}],
  });
});
