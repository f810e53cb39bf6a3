/** A cell of the matrix: row 0 has the tactics. */
export interface Position {
  readonly column: number;
  readonly row: number;
}

const rowsOfPage = 10;

/**
 * Where a key leads to, as the pattern for grids has it (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
 *
 * @param heights how many cells each column has, its tactic included
 * @returns undefined for a key that does not move
 */
export function positionAfter(
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">,
  { column, row }: Position,
  heights: readonly number[],
): Position | undefined {
  const last = heights.length - 1;
  const whole = ctrlKey || metaKey;
  const to: Record<string, Position> = {
    ArrowUp: { column, row: row - 1 },
    ArrowDown: { column, row: row + 1 },
    ArrowLeft: { column: column - 1, row },
    ArrowRight: { column: column + 1, row },
    PageUp: { column, row: row - rowsOfPage },
    PageDown: { column, row: row + rowsOfPage },
    Home: { column: 0, row: whole ? 0 : row },
    End: { column: last, row: whole ? Number.POSITIVE_INFINITY : row },
  };
  const aim = to[key];
  if (aim === undefined || last < 0) {
    return undefined;
  }
  const inColumn = Math.min(Math.max(aim.column, 0), last);
  return { column: inColumn, row: Math.min(Math.max(aim.row, 0), (heights[inColumn] ?? 1) - 1) };
}
