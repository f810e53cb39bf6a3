import { formatTable } from "../format-table.js";
import type { BatchOfWay } from "./measure-batch.js";
import type { LookupOfTerm } from "./measure-terms.js";

const count = (number: number) => Math.round(number).toLocaleString("en");

/** One line per way, compared with the first one. */
export function formatBatch(ways: readonly BatchOfWay[], values: number): string {
  const [first] = ways;
  return formatTable(
    ["", "found", "seconds", "values/s", "after start-up/s", "× time", "CPU s", "× CPU", "anonymous MB"],
    ways.map((way) => [
      way.title,
      count(way.found),
      way.seconds.toFixed(1),
      count(values / way.seconds),
      count(values / way.secondsAfterStart),
      (way.secondsAfterStart / (first?.secondsAfterStart ?? Number.NaN)).toFixed(2),
      way.cpuSecondsAfterStart.toFixed(1),
      (way.cpuSecondsAfterStart / (first?.cpuSecondsAfterStart ?? Number.NaN)).toFixed(2),
      way.memoryMB.toFixed(0),
    ]),
  );
}

/** One line per term. */
export function formatTerms(lookups: readonly LookupOfTerm[]): string {
  return formatTable(
    ["", "IOCs", "first ms", "its CPU ms", "again ms", "command s", "its CPU s"],
    lookups.map(({ title, term, iocs, firstMs, firstCpuMs, againMs, commandSeconds, commandCpuSeconds }) => [
      `${title}: ${term}`,
      count(iocs),
      firstMs.toFixed(0),
      firstCpuMs.toFixed(0),
      againMs.toFixed(0),
      commandSeconds.toFixed(2),
      commandCpuSeconds.toFixed(2),
    ]),
  );
}
