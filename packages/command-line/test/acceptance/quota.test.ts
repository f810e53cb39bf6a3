import { expect, test } from "vitest";
import { differencesBetween } from "../../src/testing/compare-databases.js";
import { finish, inDatabase, startRun } from "../../src/testing/run-process.js";
import { startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { seen } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { builtIn } from "../../src/testing/upstream-data.js";

const timeoutMs = 240_000;
const attackCollections = ["manifest", "objects", "versions"];

/** What a run stores that no quota stands against. */
async function loadUndisturbed(env: Readonly<Record<string, string>>) {
  const target = { folder: temporaryFolder() };
  const sandbox = await startSandboxProcess(builtIn, { ...target, quota: "none", timeoutMs });
  const run = await finish(startRun(sandbox, target, { env: { ...env, MITRE_REQUEST_BUDGET: "off" } }));
  return { target, run };
}

test("a run waits before its budget is used up, says until when, and finishes without a single 429; the next one remembers", {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = await loadUndisturbed({});
  expect(undisturbed.run.mitre.requests).toBeGreaterThan(6);
  expect(undisturbed.run.mitre.requests).toBeLessThanOrEqual(12);

  // Wide enough that a machine which is busy with other things does not turn one window into another.
  const env = { MITRE_REQUEST_BUDGET: "6/20" };
  const target = { folder: temporaryFolder() };
  const sandbox = await startSandboxProcess(builtIn, { ...target, quota: "6/20", timeoutMs });
  const { mitre, stderr } = await finish(startRun(sandbox, target, { env, timeoutMs }));
  expect(mitre).toMatchObject({ requests: undisturbed.run.mitre.requests, throttled: 0 });
  expect(stderr).toMatch(
    /WARN {2}waiting: request budget used \(6 per 20 s\) .*until=\d{4}-\d\d-\d\dT[\d:.]+Z$/m,
  );

  const next = startRun(sandbox, target, { args: ["--full"], env, timeoutMs });
  await seen(next, "stderr", /waiting: request budget used \(6 per 20 s\)/);
  next.kill("SIGINT");
  expect((await next).exitCode).toBe(130);

  const answers = await sandbox.stop();
  expect(answers.length).toBeGreaterThan(mitre.requests);
  expect(answers).not.toContain(429);
  expect(await differences(undisturbed.target, target)).toEqual([]);
});

test("a run with more budget than the upstream grants is told 429, waits, says so, and still loads everything", {
  timeout: timeoutMs,
}, async () => {
  const pages = { MITRE_PAGE_SIZE: "20" };
  const undisturbed = await loadUndisturbed(pages);

  const target = { folder: temporaryFolder() };
  const sandbox = await startSandboxProcess(builtIn, { ...target, quota: "8/4", timeoutMs });
  const env = { ...pages, MITRE_REQUEST_BUDGET: "50/4" };
  const { mitre, steps, stderr } = await finish(startRun(sandbox, target, { env, timeoutMs }));
  const refused = (await sandbox.stop()).filter((status) => status === 429).length;
  expect(refused).toBeGreaterThan(0);
  expect(mitre.throttled).toBe(refused);
  expect(mitre.requests).toBe(undisturbed.run.mitre.requests + refused);
  expect(stderr).toMatch(/WARN {2}waiting: .*429.* reason=throttled until=/);
  expect(steps).toEqual(undisturbed.run.steps);
  expect(await differences(undisturbed.target, target)).toEqual([]);
});

/** In what came from ATT&CK: the sandbox dates its IOCs anew each time it starts. */
function differences(one: { readonly folder: string }, other: { readonly folder: string }) {
  return inDatabase(one, (first) =>
    inDatabase(other, async (second) => {
      expect(await first.collection("objects").countDocuments()).toBeGreaterThan(100);
      return differencesBetween(first, second, attackCollections);
    }),
  );
}
