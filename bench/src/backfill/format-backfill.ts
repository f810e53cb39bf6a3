import { formatTable } from "../format-table.js";
import type { BackfillOfWay } from "./measure-backfill.js";

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
