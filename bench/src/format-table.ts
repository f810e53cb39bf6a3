/** The first column to the left, the numbers in the others to the right. */
export function formatTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join("  "))
    .join("\n");
}

function align(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
