import type { ExportFormat } from "../commands/export-command.js";
import type { ExportTally } from "../export-tally.js";
import { formatCount } from "../format-count.js";
import { formatNumber } from "../format-number.js";

/** What an export wrote, what it left out and why, and where the next one can begin: for people. */
export function renderExport(
  format: ExportFormat,
  { exported, lines, leftOut, newestAt }: Pick<ExportTally, "exported" | "lines" | "leftOut" | "newestAt">,
  file: string | undefined,
): string {
  const what =
    format === "blocklist"
      ? `${formatCount(lines, "line")} from ${formatCount(exported, "IOC")}`
      : formatCount(exported, "IOC");
  return [
    `Exported ${what}${file === undefined ? "" : ` to ${file}`}.`,
    ...[...leftOut].map(([reason, count]) => `Left out: ${formatNumber(count)} ${reason}.`),
    ...(newestAt === undefined ? [] : [`For what changes from now on: --since ${newestAt.toISOString()}`]),
  ].join("\n");
}
