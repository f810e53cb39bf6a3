import type { Db } from "mongodb";
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

  const moments = [
    { line: loaded(1), pages: 1 },
    { line: answered(2), writtenBy: "sandbox", pages: 2 },
    { line: answered(3), writtenBy: "sandbox", pages: 3 },
    { line: loaded(4), pages: 4 },
  ] as const;
  for (const { pages, ...moment } of moments) {
    const target = { folder: temporaryFolder() };
    const { line } = moment;
    await killAt(moment, sandbox, target);
    const next = await finish(startRun(sandbox, target, { env, timeoutMs }));
    // The pages that were stored before that line are not loaded again.
    expect(countOf(next, "objects"), String(line)).toBeLessThanOrEqual(objects - pages * pageSize);
    expect(countOf(next, "objects"), String(line)).toBeGreaterThan(0);
    expect(await statusesIn(target)).toEqual(["interrupted", "ok"]);
    expect(await differences(undisturbed, target), String(line)).toEqual([]);
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
  await killAt({ line: /step started .*step=manifest/ }, sandbox, target);
  await killAt({ line: loaded(1) }, sandbox, target);
  await killAt({ line: loaded(2) }, sandbox, target);
  await killAt({ line: /step started .*step=versions/ }, sandbox, target);
  await killAt({ line: /step started .*step=iocs/ }, sandbox, target);
  await finish(startRun(sandbox, target, { env, timeoutMs }));
  expect(await statusesIn(target)).toEqual([...Array.from({ length: 5 }, () => "interrupted"), "ok"]);
  expect(await differences(undisturbed, target)).toEqual([]);

  const again = await finish(startRun(sandbox, target, { env, timeoutMs }));
  expect(again.written).toBe(0);
});

interface Moment {
  readonly line: RegExp;
  /** Default: the run. */
  readonly writtenBy?: "sandbox";
}

/** The run says that so many pages of objects are stored. */
function loaded(pages: number): RegExp {
  return new RegExp(`page loaded .*step=objects extracted=${pages * pageSize} `);
}

/** The sandbox says that it answers with the page of objects behind so many others: it is on its way, or being stored. */
function answered(pages: number): RegExp {
  return new RegExp(`/objects/\\?limit=${pageSize}&next=${pages}" status=200`);
}

/** `kill -9` once that line was written. */
async function killAt({ line, writtenBy }: Moment, sandbox: RunningSandbox, target: Target): Promise<void> {
  const run = startRun(sandbox, target, { env });
  await seen(writtenBy === "sandbox" ? sandbox.process : run, "stderr", line);
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
      expect(await stateIn(second)).toEqual(await stateIn(first));
      return differencesBetween(first, second);
    }),
  );
}

/** Which checkpoints are kept, and which leases. */
async function stateIn(database: Db): Promise<readonly unknown[]> {
  const state = await database.collection("etl_state").find().sort({ _id: 1 }).toArray();
  return state.map(({ _id }) => _id);
}
