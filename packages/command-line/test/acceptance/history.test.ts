import type { Db } from "mongodb";
import { expect, test } from "vitest";
import { differencesBetweenTargets } from "../../src/testing/compare-databases.js";
import { between, createRandom } from "../../src/testing/random-numbers.js";
import {
  type FinishedRun,
  finish,
  inDatabase,
  startRun,
  type Target,
} from "../../src/testing/run-process.js";
import { type RunningSandbox, startSandboxProcess } from "../../src/testing/sandbox-process.js";
import { signalAt } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { builtIn, threeReleases } from "../../src/testing/upstream-data.js";

const timeoutMs = 400_000;
/** The sandbox dates its built-in IOCs anew each time it starts. */
const attackCollections = ["collections", "manifest", "objects", "versions"];
// Ten runs over real data take minutes on a busy machine: ACCEPTANCE_FULL=1 makes them.
const isFull = process.env.ACCEPTANCE_FULL === "1";
const kills = isFull ? 10 : 4;
const data = isFull ? threeReleases : builtIn;
/** Another one kills at other moments. */
const seed = Number(process.env.HISTORY_SEED ?? "1");
const env = {
  MITRE_RELEASES: "all",
  MITRE_PAGE_SIZE: isFull ? "300" : "12",
  MITRE_REQUEST_BUDGET: "off",
  LOG_LEVEL: "debug",
};

test(`a history run over ${data.name} that is killed at one of ${kills} random moments goes on where it was, and asks for no finished release again`, {
  timeout: timeoutMs,
}, async () => {
  const undisturbed = { folder: temporaryFolder() };
  const options = { folder: undisturbed.folder, quota: "none", timeoutMs };
  const sandbox = await startSandboxProcess(data, options);
  const whole = await finish(startRun(sandbox, undisturbed, { env, timeoutMs }));
  const lines = whole.stderr.split("\n").length;
  expect(new Set(requestsIn(whole.stderr)).size).toBe(requestsIn(whole.stderr).length);
  expect(await inDatabase(undisturbed, countOfEarlierRelease)).toBeGreaterThan(20);

  const random = createRandom(seed);
  for (let kill = 0; kill < kills; kill += 1) {
    const target = { folder: temporaryFolder() };
    const line = between(random, 1, lines - 9);
    const before = await killAtLine(line, sandbox, target);
    const next = await finish(startRun(sandbox, target, { env, timeoutMs }));
    const moment = `killed at line ${line} of ${lines}`;
    expect(await differencesBetweenTargets(undisturbed, target, attackCollections), moment).toEqual([]);
    const finished = rootsFinishedIn(before);
    const again = requestsIn(next.stderr).filter((url) => finished.some((root) => url.includes(root)));
    expect(again, moment).toEqual([]);
    // Discovery, the page that was on its way, and three questions about each collection of a release that was not finished.
    const sent = requestsIn(before).length + requestsIn(next.stderr).length;
    expect(sent, moment).toBeLessThanOrEqual(requestsIn(whole.stderr).length + 8);
  }

  const again = await finish(startRun(sandbox, undisturbed, { env, timeoutMs }));
  expect({ written: again.written, requests: again.mitre.requests }).toEqual({ written: 0, requests: 1 });
});

/** Returns what it had logged. */
async function killAtLine(line: number, sandbox: RunningSandbox, target: Target): Promise<string> {
  const killed = signalAt("SIGKILL", new RegExp(`^(?:[^\\n]*\\n){${line}}`));
  const { signal, stderr } = await startRun(sandbox, target, { env: { ...env, ...killed }, timeoutMs });
  expect(signal).toBe("SIGKILL");
  return stderr;
}

/** Paths of the requests to the TAXII server, in their order. */
function requestsIn(log: FinishedRun["stderr"]): readonly string[] {
  return [...log.matchAll(/ request method=GET url="?(http\S+?)"? status=/g)].map(([, url]) => url ?? "");
}

/** The pinned roots of the releases that were stored whole, and recorded as such, when the log ended. */
function rootsFinishedIn(log: string): readonly string[] {
  const earlier = log.matchAll(
    /ATT&CK \S+ \(\d+ of \d+\): [\d,]+ objects .*release=(\S+)\n(?:.*\n)*?.* page loaded /g,
  );
  return [...earlier].map(([, release]) => `/attack-${release}/`);
}

function countOfEarlierRelease(database: Db): Promise<number> {
  return database.collection("objects").countDocuments({ "enriched.releases": "17.1" });
}
