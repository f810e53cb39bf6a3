import { expect, test } from "vitest";
import { z } from "zod";
import { differencesBetween, indexesOf } from "./acceptance-compare.testing.js";
import { oneDomain } from "./acceptance-data.testing.js";
import { finish, inDatabase, startRun, type Target } from "./acceptance-run.testing.js";
import { type RunningSandbox, startSandboxProcess } from "./acceptance-sandbox.testing.js";
import { seen, temporaryFolder } from "./start-process.testing.js";

const timeoutMs = 400_000;
/** At least five pages, whichever data there is. */
const pageSize = oneDomain.objects === undefined ? 12 : 200;
const env = { MITRE_PAGE_SIZE: String(pageSize), MITRE_REQUEST_BUDGET: "off" };

test(`a run over ${oneDomain.name} that is killed while it loads objects leaves nothing that the next one does not put right`, {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = { folder: temporaryFolder() };
  const options = { folder: undisturbed.folder, quota: "none", timeoutMs };
  const sandbox = await startSandboxProcess(oneDomain, options);
  const whole = await finish(startRun(sandbox, undisturbed, { env, timeoutMs }));
  const objects = countOf(whole, "objects");
  expect(objects).toBeGreaterThan(5 * pageSize);

  const lines = [
    { moment: /step started .*step=objects/, pages: 0 },
    { moment: loaded(1), pages: 1 },
    { moment: loaded(2), pages: 2 },
    { moment: loaded(4), pages: 4 },
  ];
  for (const { moment, pages } of lines) {
    const target = { folder: temporaryFolder() };
    await killAt(moment, sandbox, target);
    const next = await finish(startRun(sandbox, target, { env, timeoutMs }));
    // What was stored and recorded as such before that line is not loaded again.
    expect(countOf(next, "objects"), String(moment)).toBeLessThanOrEqual(objects - pages * pageSize);
    expect(countOf(next, "objects"), String(moment)).toBeGreaterThan(0);
    expect(await statusesIn(target)).toEqual(["interrupted", "ok"]);
    expect(await differences(undisturbed, target), String(moment)).toEqual([]);
  }
});

test(`runs over ${oneDomain.name} that are killed again and again come to an end, page by page`, {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = { folder: temporaryFolder() };
  const options = { folder: undisturbed.folder, quota: "none", timeoutMs };
  const sandbox = await startSandboxProcess(oneDomain, options);
  await finish(startRun(sandbox, undisturbed, { env, timeoutMs }));

  const target = { folder: temporaryFolder() };
  await killAt(/step started .*step=manifest/, sandbox, target);
  await killAt(loaded(1), sandbox, target);
  await killAt(loaded(2), sandbox, target);
  await killAt(/step started .*step=versions/, sandbox, target);
  await killAt(/step started .*step=iocs/, sandbox, target);
  await finish(startRun(sandbox, target, { env, timeoutMs }));
  expect(await statusesIn(target)).toEqual([...Array.from({ length: 5 }, () => "interrupted"), "ok"]);
  expect(await differences(undisturbed, target)).toEqual([]);

  const again = await finish(startRun(sandbox, target, { env, timeoutMs }));
  expect(again.written).toBe(0);
});

/** The log line that says that so many pages of objects are stored, in this run. */
function loaded(pages: number): RegExp {
  return new RegExp(`page loaded .*step=objects extracted=${pages * pageSize} `);
}

/** `kill -9` once the run has written this line. */
async function killAt(line: RegExp, sandbox: RunningSandbox, target: Target): Promise<void> {
  const run = startRun(sandbox, target, { env });
  await seen(run, "stderr", line);
  run.kill("SIGKILL");
  const { signal, stdout } = await run;
  expect({ signal, stdout }).toEqual({ signal: "SIGKILL", stdout: "" });
}

function countOf({ steps }: Awaited<ReturnType<typeof finish>>, name: string): number {
  return steps.get(name)?.extracted ?? Number.NaN;
}

function statusesIn(target: Target): Promise<readonly string[]> {
  return inDatabase(target, async (database) => {
    const runs = await database.collection("etl_runs").find().sort({ started_at: 1 }).toArray();
    return runs.map(({ status }) => z.string().parse(status));
  });
}

function differences(one: Target, other: Target): Promise<readonly string[]> {
  return inDatabase(one, (first) =>
    inDatabase(other, async (second) => {
      expect(await indexesOf(second)).toEqual(await indexesOf(first));
      return differencesBetween(first, second);
    }),
  );
}
