import { fileURLToPath } from "node:url";
import { z } from "zod";
import { families } from "../iocs/families.js";
import { sharedHost } from "../iocs/generate-export.js";
import { median } from "../median.js";
import { runWatched } from "../process/run-watched.js";
import { command } from "./measure-batch.js";

/** How long the lookup of a term takes. */
export interface LookupOfTerm {
  readonly title: string;
  readonly term: string;
  /** How many IOCs belong to the answer. */
  readonly iocs: number;
  /** Of the first question of a process, after the database is open. The median of several processes, as are the others. */
  readonly firstMs: number;
  /** Processor time of it, of all threads. */
  readonly firstCpuMs: number;
  /** Of the questions after it: the same term again. */
  readonly againMs: number;
  /** Of the command for this term alone, from the start of its process to its end. */
  readonly commandSeconds: number;
  readonly commandCpuSeconds: number;
}

const lookUpAlone = fileURLToPath(new URL("look-up-alone.mjs", import.meta.url));
const report = z.object({
  milliseconds: z.array(z.number()),
  cpuMilliseconds: z.array(z.number()),
  iocs: z.number(),
});
const [largest] = families;

const terms: readonly (readonly [string, string])[] = [
  ["an unknown host", "www.nosuch.example"],
  ["a host with thousands of IOCs", sharedHost],
  ["a domain with thousands of hosts below it", "example.net"],
  ["the largest family, by its key", largest?.key ?? ""],
  ["the largest family, by its name", largest?.name ?? ""],
  ["a rare family, by its name", families.at(-1)?.name ?? ""],
  ["the largest tag", "c2"],
  ["a technique", "T1059"],
  ["a group", "APT28"],
  ["software", "S0154"],
  ["a CVE", "CVE-2021-44228"],
  ["a network /24", "45.20.0.0/24"],
  ["a network /8", "45.0.0.0/8"],
  ["nonsense", "no such thing"],
];

type Measured = Omit<LookupOfTerm, "title" | "term">;

const timesAgain = 3;

/** Looks up each term in processes of its own: several times in one after the other, and with the command. */
export async function measureTerms(database: string, rounds: number): Promise<readonly LookupOfTerm[]> {
  const lookups: LookupOfTerm[] = [];
  for (const [title, term] of terms) {
    const measured: Measured[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      measured.push(await measureTerm(database, term));
    }
    const medianOf = (figure: keyof Measured) => median(measured.map((one) => one[figure]));
    const lookup = {
      ...{ title, term, iocs: medianOf("iocs") },
      firstMs: medianOf("firstMs"),
      firstCpuMs: medianOf("firstCpuMs"),
      againMs: medianOf("againMs"),
      commandSeconds: medianOf("commandSeconds"),
      commandCpuSeconds: medianOf("commandCpuSeconds"),
    };
    console.error(`  ${title}: ${lookup.firstMs.toFixed(0)} ms`);
    lookups.push(lookup);
  }
  return lookups;
}

/** One round. */
async function measureTerm(database: string, term: string): Promise<Measured> {
  const environment = { MONGO_URI: "", DATA_DIR: database, LOG_LEVEL: "error" };
  const alone = await runWatched([lookUpAlone, database, term, String(1 + timesAgain)], environment);
  const { milliseconds, cpuMilliseconds, iocs } = report.parse(JSON.parse(alone.stdout));
  const [firstMs = Number.NaN, ...others] = milliseconds;
  const [firstCpuMs = Number.NaN] = cpuMilliseconds;
  const { seconds, cpuSeconds } = await runWatched([command, "lookup", term], environment);
  return {
    iocs,
    firstMs,
    firstCpuMs,
    againMs: median(others),
    commandSeconds: seconds,
    commandCpuSeconds: cpuSeconds,
  };
}
