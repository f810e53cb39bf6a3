import { formatTable } from "../format-table.js";
import type { RunMeasured } from "./measure-modes.js";

/** One way to store all records. */
export interface BackfillOfWay {
  readonly title: string;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Time over that of the parsed records by insertMany on the same server. */
  readonly ratio: number;
  /** Of the runner's process. The yardsticks have none. */
  readonly cpuSeconds?: number;
  /** Time over the larger of our processor time and insertMany of the documents. Absent where the server's processor time is in ours. */
  readonly overSlower?: number;
  /** Peak anonymous memory of the runner's process, on Linux; the yardsticks have none. */
  readonly memoryMB?: number;
}

const header = ["", "seconds", "records/s", "× insertMany", "processor s", "× the slower", "anonymous MB"];

/** One line per way. */
export function formatBackfill(ways: readonly BackfillOfWay[]): string {
  return formatTable(
    header,
    ways.map(({ title, seconds, recordsPerSecond, ratio, cpuSeconds, overSlower, memoryMB }) => [
      title,
      seconds.toFixed(1),
      Math.round(recordsPerSecond).toLocaleString("en"),
      ratio.toFixed(2),
      cpuSeconds?.toFixed(1) ?? "",
      overSlower?.toFixed(2) ?? "",
      memoryMB?.toFixed(0) ?? "",
    ]),
  );
}

/** One line per run. */
export function formatRuns(runs: readonly RunMeasured[]): string {
  return formatTable(
    ["", "seconds", "processor s", "anonymous MB"],
    runs.map(({ title, seconds, cpuSeconds, memoryMB }) => [
      title,
      seconds.toFixed(1),
      cpuSeconds.toFixed(1),
      memoryMB.toFixed(0),
    ]),
  );
}
