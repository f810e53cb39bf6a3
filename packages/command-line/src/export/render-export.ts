import { basename } from "node:path";
import type { ExportFormat } from "../commands/export-command.js";
import { formatCount } from "../text/format-count.js";
import { formatNumber } from "../text/format-number.js";
import type { ExportTally } from "./export-tally.js";
import type { FileSeries } from "./write-file-series.js";

/**
 * What an export wrote, what it left out and why, and where the next one can begin: for people.
 *
 * Without a file, it went to standard output.
 */
export function renderExport(
  format: ExportFormat,
  { exported, lines, leftOut, newestAt }: Pick<ExportTally, "exported" | "lines" | "leftOut" | "newestAt">,
  { written, removed }: FileSeries,
): string {
  const what =
    format === "blocklist"
      ? `${formatCount(lines, "line")} from ${formatCount(exported, "IOC")}`
      : formatCount(exported, "IOC");
  return [
    `Exported ${what}${written.length === 0 ? "" : ` to ${describeFiles(written)}`}.`,
    ...(removed.length === 0
      ? []
      : [`Removed what an earlier, longer export left behind: ${describeFiles(removed)}.`]),
    ...[...leftOut].map(([reason, count]) => `Left out: ${formatNumber(count)} ${reason}.`),
    ...(newestAt === undefined ? [] : [`For the next incremental export: --since ${newestAt.toISOString()}`]),
  ].join("\n");
}

function describeFiles(files: readonly string[]): string {
  const [first = "", last = first] = [files[0], files.at(-1)];
  return files.length === 1 ? first : `${formatCount(files.length, "file")}, ${first} to ${basename(last)}`;
}
