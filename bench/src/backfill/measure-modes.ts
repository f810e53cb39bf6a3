import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { median } from "../median.js";
import { runWatched } from "../process/run-watched.js";

export const start = fileURLToPath(new URL("../../../apps/runner/start.mjs", import.meta.url));
/** Those of the runner's package script `start`. */
export const flags = ["--heap-growing-percent=50", "--max-semi-space-size=1"];

const report = z.object({
  status: z.literal("ok"),
  connectors: z.tuple([
    z.object({ seconds: z.number(), steps: z.array(z.object({ inserted: z.number() })) }),
  ]),
});

/** A run of the command, in a process of its own. */
export interface RunMeasured {
  readonly title: string;
  /** Of the connector, without the start of the process. */
  readonly seconds: number;
  /** Processor time of the process; with the embedded database, that of the database too. */
  readonly cpuSeconds: number;
  /** Peak anonymous memory. 0 on other systems than Linux. */
  readonly memoryMB: number;
  /** Documents. */
  readonly inserted: number;
}

/** What differs from the usual settings. */
export type Settings = Readonly<Record<string, string>>;

/** `run` as a person types it. */
export async function measureRun(
  title: string,
  args: readonly string[],
  settings: Settings,
): Promise<RunMeasured> {
  const { stdout, memoryMB, cpuSeconds } = await runWatched([...flags, start, "run", ...args, "--json"], {
    ...{ MONGO_URI: "", LOG_LEVEL: "error" },
    ...settings,
  });
  const [{ seconds, steps }] = report.parse(JSON.parse(stdout)).connectors;
  const inserted = steps.reduce((sum, step) => sum + step.inserted, 0);
  return { title, seconds, cpuSeconds, memoryMB, inserted };
}

/**
 * The medians of several rounds. Each round measures with LOAD_OVERLAP on and off, so that a busy machine affects both.
 *
 * @param run gets the folder of a new embedded database
 * @param beforeRound what the runs of a round are compared with is measured in the same round
 */
export async function measureModes(
  folder: string,
  rounds: number,
  run: (settings: {
    readonly LOAD_OVERLAP: string;
    readonly DATA_DIR: string;
  }) => Promise<readonly RunMeasured[]>,
  beforeRound: () => Promise<void> = async () => {},
): Promise<readonly RunMeasured[]> {
  const byTitle = new Map<string, RunMeasured[]>();
  for (let round = 1; round <= rounds; round += 1) {
    await beforeRound();
    for (const LOAD_OVERLAP of ["on", "off"]) {
      const DATA_DIR = await mkdtemp(join(folder, "database-"));
      for (const measured of await run({ LOAD_OVERLAP, DATA_DIR })) {
        const title = LOAD_OVERLAP === "on" ? measured.title : `${measured.title}, LOAD_OVERLAP=off`;
        byTitle.set(title, [...(byTitle.get(title) ?? []), measured]);
        const { seconds, cpuSeconds, memoryMB } = measured;
        console.error(
          `  round ${round}: ${title}: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of processor time, ${Math.round(memoryMB)} MB`,
        );
      }
      await rm(DATA_DIR, { recursive: true });
    }
  }
  return [...byTitle].map(([title, runs]) => ({
    title,
    seconds: median(runs.map(({ seconds }) => seconds)),
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
    memoryMB: median(runs.map(({ memoryMB }) => memoryMB)),
    inserted: median(runs.map(({ inserted }) => inserted)),
  }));
}
