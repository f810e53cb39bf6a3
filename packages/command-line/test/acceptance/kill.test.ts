import { expect, test } from "vitest";
import { z } from "zod";
import { differencesBetweenTargets } from "../../src/testing/compare-databases.js";
import { finish, inDatabase, startRun, type Target } from "../../src/testing/run-process.js";
import { type RunningSandbox, startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { signalAt } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { oneDomain } from "../../src/testing/upstream-data.js";

const timeoutMs = 400_000;
/** At least five pages, whichever data there is. */
const pageSize = oneDomain.objects === undefined ? 12 : 200;
const settings = { MITRE_PAGE_SIZE: String(pageSize), MITRE_REQUEST_BUDGET: "off" };

/** When a run is killed: once it has logged this. */
interface Moment {
  readonly line: RegExp;
  /** Pages of objects that are surely stored, and recorded as such, by then. */
  readonly pages?: number;
  /** Objects in a page. */
  readonly size?: number;
}

/** So many pages of objects are stored, and the next one is asked for. */
function stored(pages: number): Moment {
  return { line: new RegExp(`page loaded .*step=objects extracted=${pages * pageSize} `), pages };
}

/** The page after this many others was received, and is not stored. The last of the others may not be stored yet either. */
function received(pages: number): Moment {
  const line = new RegExp(`request .*/objects/\\?limit=${pageSize}&next=${pages}" status=200`);
  return { line, pages: pages - 1 };
}

/** Of a page that is stored in two parts, one is. */
function halfStored(size: number): Moment {
  return { line: new RegExp(`batch stored .*step=objects extracted=${size} inserted=500 `), size };
}

function started(step: string): Moment {
  return { line: new RegExp(`step started .*step=${step}\\n`) };
}

const moments = [received(2), stored(4), ...(oneDomain.objects === undefined ? [] : [halfStored(1_500)])];

test(`a run over ${oneDomain.name} that is killed while it loads objects leaves nothing that the next one does not put right`, {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = { folder: temporaryFolder() };
  const options = { folder: undisturbed.folder, quota: "none", timeoutMs };
  const sandbox = await startSandboxProcess(oneDomain, options);
  const whole = await finish(startRun(sandbox, undisturbed, { env: settings, timeoutMs }));
  const objects = countOf(whole, "objects");
  expect(objects).toBeGreaterThan(5 * pageSize);

  for (const moment of moments) {
    const { line, pages = 0, size = pageSize } = moment;
    const target = { folder: temporaryFolder() };
    await killAt(moment, sandbox, target);
    const env = { ...settings, MITRE_PAGE_SIZE: String(size) };
    const next = await finish(startRun(sandbox, target, { env, timeoutMs }));
    // The pages that were stored before that line are not loaded again.
    expect(countOf(next, "objects"), String(line)).toBeLessThanOrEqual(objects - pages * size);
    expect(countOf(next, "objects"), String(line)).toBeGreaterThan(0);
    expect(await statusesIn(target)).toEqual(["interrupted", "ok"]);
    expect(await differencesBetweenTargets(undisturbed, target), String(line)).toEqual([]);
  }
});

test(`runs over ${oneDomain.name} that are killed again and again come to an end, page by page`, {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = { folder: temporaryFolder() };
  const options = { folder: undisturbed.folder, quota: "none", timeoutMs };
  const sandbox = await startSandboxProcess(oneDomain, options);
  await finish(startRun(sandbox, undisturbed, { env: settings, timeoutMs }));

  const target = { folder: temporaryFolder() };
  const kills = [stored(1), stored(2), started("versions")];
  for (const moment of kills) {
    await killAt(moment, sandbox, target);
  }
  await finish(startRun(sandbox, target, { env: settings, timeoutMs }));
  expect(await statusesIn(target)).toEqual([...kills.map(() => "interrupted"), "ok"]);
  expect(await differencesBetweenTargets(undisturbed, target)).toEqual([]);

  const again = await finish(startRun(sandbox, target, { env: settings, timeoutMs }));
  expect(again.written).toBe(0);
});

/** `kill -9` at a moment of a run. */
async function killAt(
  { line, size = pageSize }: Moment,
  sandbox: RunningSandbox,
  target: Target,
): Promise<void> {
  const env = { ...settings, MITRE_PAGE_SIZE: String(size), LOG_LEVEL: "debug" };
  const killed = signalAt("SIGKILL", line);
  const { signal, stdout } = await startRun(sandbox, target, { env: { ...env, ...killed }, timeoutMs });
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
