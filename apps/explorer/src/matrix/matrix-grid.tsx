import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { linkToAttack } from "../location/links.js";
import { formatCount } from "../parts/numbers.js";
import type { Cell, Column } from "./lay-out.js";
import { MatrixCell } from "./matrix-cell.js";
import { type Position, positionAfter } from "./move-focus.js";

interface MatrixGridProps {
  readonly columns: readonly Column[];
  readonly label: string;
  readonly release: string | undefined;
  onToggle(technique: string): void;
  /** A cell has the focus, or the pointer is on it. */
  onPoint(cell: Cell | undefined): void;
}

/** The matrix: one cell is in the order of the tab key, and the others are reached with the arrows. */
export function MatrixGrid({ columns, label, release, onToggle, onPoint }: MatrixGridProps) {
  const heights = columns.map(({ cells }) => cells.length + 1);
  const grid = useRef<HTMLDivElement>(null);
  const { select, current } = useRovingFocus(grid);
  const cellAt = ({ column, row }: Position) => columns[column]?.cells[row - 1];

  const onKeyDown = (event: KeyboardEvent) => {
    const next = positionAfter(event, current(), heights);
    const focused = event.target instanceof HTMLElement ? event.target : undefined;
    if (next !== undefined) {
      event.preventDefault();
      select(next)?.focus();
    } else if (focused?.dataset.column !== undefined && [" ", "Enter"].includes(event.key)) {
      event.preventDefault();
      const cell = cellAt(current());
      if (event.key === "Enter") {
        focused.querySelector("a")?.click();
      } else if (cell !== undefined && cell.subs > 0) {
        onToggle(cell.technique.attack_id);
      }
    }
  };

  return (
    <div
      ref={grid}
      class="matrix"
      role="grid"
      tabIndex={-1}
      aria-label={label}
      aria-readonly="true"
      aria-colcount={columns.length}
      aria-rowcount={Math.max(...heights)}
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => {
        const position = positionOf(target);
        if (position !== undefined) {
          select(position);
          onPoint(cellAt(position));
        }
      }}
      onPointerOver={({ target }) => {
        const position = positionOf(target);
        onPoint(position && cellAt(position));
      }}
      style={{ "--columns": columns.length }}
    >
      <Tactics columns={columns} release={release} />
      <Rows columns={columns} release={release} onToggle={onToggle} />
    </div>
  );
}

/** Keeps one cell of a grid in the order of the tab key. */
function useRovingFocus(grid: RefObject<HTMLElement | null>) {
  const current = useRef<Position>({ column: 0, row: 0 });
  const elementAt = ({ column, row }: Position) =>
    grid.current?.querySelector<HTMLElement>(`[data-column="${column}"][data-row="${row}"]`);

  /** @returns the cell there, if there is one */
  const select = (position: Position) => {
    const element = elementAt(position);
    if (element) {
      elementAt(current.current)?.setAttribute("tabindex", "-1");
      element.setAttribute("tabindex", "0");
      current.current = position;
    }
    return element;
  };

  // The cell can be gone after a change.
  useLayoutEffect(() => {
    if (!select(current.current)) {
      select({ column: 0, row: 0 });
    }
  });
  return { select, current: () => current.current };
}

function positionOf(target: EventTarget | null): Position | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
  return cell === null ? undefined : { column: Number(cell.dataset.column), row: Number(cell.dataset.row) };
}

function Rows({ columns, release, onToggle }: Pick<MatrixGridProps, "columns" | "release" | "onToggle">) {
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  return (
    <>
      {Array.from({ length: rows }, (_, index) => (
        <div class="matrix-row" role="row" key={index} aria-rowindex={index + 2}>
          {columns.map(({ tactic, cells: { [index]: cell } }, column) =>
            cell === undefined ? null : (
              <MatrixCell
                key={tactic.id}
                cell={cell}
                column={column}
                row={index + 1}
                release={release}
                onToggle={onToggle}
              />
            ),
          )}
        </div>
      ))}
    </>
  );
}

function Tactics({ columns, release }: Pick<MatrixGridProps, "columns" | "release">) {
  return (
    <div class="matrix-row matrix-head" role="row" aria-rowindex={1}>
      {columns.map(({ tactic, techniques, marked }, column) => (
        <div
          key={tactic.id}
          class="tactic"
          role="columnheader"
          tabIndex={-1}
          aria-colindex={column + 1}
          data-column={column}
          data-row={0}
          style={{ gridColumn: column + 1 }}
        >
          <a href={linkToAttack(tactic.attack_id ?? tactic.id, release)} tabIndex={-1}>
            {tactic.name}
          </a>
          <small>
            {formatCount(techniques, "technique")}
            {marked > 0 && (
              <>
                <br />
                {marked} marked
              </>
            )}
          </small>
        </div>
      ))}
    </div>
  );
}
