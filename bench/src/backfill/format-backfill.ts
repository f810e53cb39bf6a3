import { formatTable } from "../format-table.js";

/** One way to store all records. */
export interface BackfillOfWay {
  readonly title: string;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Time over that of the parsed records by insertMany on the same server. */
  readonly ratio: number;
  /** Of the runner's process, in MB; of the yardsticks nobody asks. */
  readonly memory?: { readonly peakMB: number; readonly anonymousMB: number | undefined };
}

const header = ["", "seconds", "records/s", "× insertMany", "peak MB", "without the map MB"];

/** One line per way. */
export function formatBackfill(ways: readonly BackfillOfWay[]): string {
  return formatTable(
    header,
    ways.map(({ title, seconds, recordsPerSecond, ratio, memory }) => [
      title,
      seconds.toFixed(1),
      Math.round(recordsPerSecond).toLocaleString("en"),
      ratio.toFixed(2),
      memory?.peakMB.toFixed(0) ?? "",
      memory?.anonymousMB?.toFixed(0) ?? "",
    ]),
  );
}
