import { formatTable } from "../format-table.js";
import type { Summary } from "./summarize.js";

const header = ["", "median s", "fastest–slowest s", "documents/s", "× insertMany"];

/** One line per variant. `~` marks what was extrapolated from fewer than all documents. */
export function formatLoad(summaries: readonly Summary[], documents: number): string {
  return formatTable(
    header,
    summaries.map((one) => [
      one.title,
      `${one.measuredDocuments < documents ? "~" : ""}${one.medianSeconds.toFixed(2)}`,
      `${one.fastestSeconds.toFixed(2)}–${one.slowestSeconds.toFixed(2)}`,
      Math.round(one.documentsPerSecond).toLocaleString("en"),
      one.ratioToInsertMany.toFixed(2),
    ]),
  );
}
