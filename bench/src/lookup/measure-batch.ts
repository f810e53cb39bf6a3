import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { median } from "../median.js";
import { runWatched, type Usage } from "../process/run-watched.js";
import type { MixedValue } from "./mixed-values.js";
import { questionsFor } from "./plain-questions.js";

/** One way to look up all values. */
export interface BatchOfWay {
  readonly title: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Without what the same process takes for one value. */
  readonly secondsAfterStart: number;
  readonly cpuSecondsAfterStart: number;
  /** Peak anonymous memory. */
  readonly memoryMB: number;
  readonly found: number;
}

interface Way {
  readonly title: string;
  /** The arguments of Node for the values in a file of the folder. */
  readonly args: (file: string) => readonly string[];
  readonly write: (values: readonly MixedValue[]) => string;
  readonly countFound: (stdout: string) => number;
}

/** The command as it is installed. */
export const command = fileURLToPath(new URL("../../../apps/runner/bin/cti-connectors.mjs", import.meta.url));
const findOneByOne = fileURLToPath(new URL("find-one-by-one.mjs", import.meta.url));
const answer = z.object({ found: z.boolean() });
const tally = z.object({ found: z.number() });

function waysIn(database: string): readonly Way[] {
  return [
    {
      title: "lookup --batch",
      args: (file) => [command, "lookup", "--batch", file],
      write: (values) => values.map(({ text }) => `${text}\n`).join(""),
      countFound: (stdout) =>
        stdout
          .trimEnd()
          .split("\n")
          .filter((line) => answer.parse(JSON.parse(line)).found).length,
    },
    {
      title: "driver: one find at a time",
      args: (file) => [findOneByOne, database, file],
      write: (values) => JSON.stringify(values.map(questionsFor)),
      countFound: (stdout) => tally.parse(JSON.parse(stdout)).found,
    },
  ];
}

/**
 * Looks up the values in each way, in a process of its own. A round measures every way once, with all values and with one.
 *
 * @param known a value that something is found for
 */
export async function measureBatch(
  database: string,
  folder: string,
  { values, known, rounds }: { values: readonly MixedValue[]; known: MixedValue; rounds: number },
): Promise<readonly BatchOfWay[]> {
  const runs = waysIn(database).map((way) => ({ way, all: [] as Usage[], one: [] as Usage[], found: 0 }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const run of runs) {
      const all = await measureWay(run.way, values);
      run.one.push(await measureWay(run.way, [known]));
      run.all.push(all);
      run.found = run.way.countFound(all.stdout);
      console.error(`  round ${round}: ${run.way.title} ${all.seconds.toFixed(1)} s`);
    }
  }
  if (new Set(runs.map(({ found }) => found)).size > 1) {
    const founds = runs.map(({ way, found }) => `${way.title} ${found}`).join(", ");
    throw new Error(`The ways should find something for the same values: ${founds}.`);
  }
  return runs.map(({ way: { title }, all, one, found }) => {
    const seconds = median(all.map((usage) => usage.seconds));
    const cpuSeconds = median(all.map((usage) => usage.cpuSeconds));
    return {
      title,
      seconds,
      secondsAfterStart: seconds - median(one.map((usage) => usage.seconds)),
      cpuSecondsAfterStart: cpuSeconds - median(one.map((usage) => usage.cpuSeconds)),
      memoryMB: Math.max(...all.map((usage) => usage.memoryMB)),
      found,
    };
  });

  async function measureWay({ args, write }: Way, some: readonly MixedValue[]): Promise<Usage> {
    const file = join(folder, "values");
    await writeFile(file, write(some));
    return runWatched(args(file), { MONGO_URI: "", DATA_DIR: database, LOG_LEVEL: "error" });
  }
}
