import { useMemo, useRef, useState } from "preact/hooks";
import { Empty } from "../parts/answer-state.js";
import type { Cell, Column } from "./lay-out.js";
import { MatrixGrid } from "./matrix-grid.js";

interface MatrixBoardProps {
  readonly columns: readonly Column[];
  readonly label: string;
  readonly release: string | undefined;
  onToggle(technique: string): void;
}

/** The matrix, and below it what is said about the technique that has the focus or the pointer. */
export function MatrixBoard({ columns, label, release, onToggle }: MatrixBoardProps) {
  const [pointed, setPointed] = useState<Cell>();
  const toggle = useRef(onToggle);
  toggle.current = onToggle;
  // Drawn again only if what it shows changes, and not for each cell that is pointed at.
  const grid = useMemo(
    () => (
      <MatrixGrid
        columns={columns}
        label={label}
        release={release}
        onToggle={(technique) => toggle.current(technique)}
        onPoint={setPointed}
      />
    ),
    [columns, label, release],
  );
  if (columns.every(({ cells }) => cells.length === 0)) {
    return <Empty>No technique is left: take away a filter.</Empty>;
  }
  return (
    <>
      <div class="matrix-scroller">{grid}</div>
      <p class="pointed">{pointed === undefined ? help : <Pointed {...pointed} />}</p>
    </>
  );
}

const help = "Arrow keys move, Enter opens a technique, Space shows its sub-techniques.";

function Pointed({ technique: { attack_id, name, platforms }, mark }: Cell) {
  return (
    <>
      <strong>
        {attack_id} {name}
      </strong>
      {mark !== undefined && ` · ${mark.label}`}
      {mark?.comment !== undefined && ` · ${mark.comment.replaceAll("\n", "; ")}`}
      {mark === undefined && platforms.length > 0 && ` · ${platforms.join(", ")}`}
    </>
  );
}
