import { formatTable } from "../format-table.js";

/** One way to store all records. */
export interface BackfillOfWay {
  readonly title: string;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Time over that of the parsed records by insertMany on the same server. */
  readonly ratio: number;
  /** Peak anonymous memory of the runner's process, on Linux; the yardsticks have none. */
  readonly memoryMB?: number;
}

const header = ["", "seconds", "records/s", "× insertMany", "anonymous MB"];

/** One line per way. */
export function formatBackfill(ways: readonly BackfillOfWay[]): string {
  return formatTable(
    header,
    ways.map(({ title, seconds, recordsPerSecond, ratio, memoryMB }) => [
      title,
      seconds.toFixed(1),
      Math.round(recordsPerSecond).toLocaleString("en"),
      ratio.toFixed(2),
      memoryMB?.toFixed(0) ?? "",
    ]),
  );
}
