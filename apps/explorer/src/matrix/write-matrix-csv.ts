import type { Column } from "./lay-out.js";

/** A row for each cell that is shown. A cell that a spreadsheet would take for a formula gets a `'` before it. */
export async function writeMatrixCsv(columns: readonly Column[]): Promise<string> {
  const { stringify } = await import("csv-stringify/browser/esm/sync");
  const rows = columns.flatMap(({ tactic, cells }) =>
    cells.map(({ technique, mark }) => ({
      tactic: tactic.name,
      attack_id: technique.attack_id,
      name: technique.name,
      platforms: technique.platforms.join(", "),
      score: mark?.score,
      mark: mark?.label,
      comment: mark?.comment,
      url: technique.url,
    })),
  );
  const names = ["tactic", "attack_id", "name", "platforms", "score", "mark", "comment", "url"];
  return stringify(rows, {
    header: true,
    columns: names,
    escape_formulas: true,
    record_delimiter: "windows",
  });
}
