import { linkToAttack } from "../location/links.js";
import type { Cell } from "./lay-out.js";
import type { Mark } from "./marks.js";
import { textOn } from "./palette.js";

interface MatrixCellProps {
  readonly cell: Cell;
  readonly column: number;
  readonly row: number;
  readonly release: string | undefined;
  onToggle(technique: string): void;
}

export function MatrixCell({ cell, column, row, release, onToggle }: MatrixCellProps) {
  const { technique, isSub, mark, subs, isOpen } = cell;
  const { attack_id, name, deprecated } = technique;
  return (
    <div
      class={`cell${isSub ? " sub" : ""}${mark === undefined ? "" : " marked"}`}
      role="gridcell"
      tabIndex={-1}
      aria-colindex={column + 1}
      aria-expanded={subs > 0 ? isOpen : undefined}
      data-column={column}
      data-row={row}
      title={`${attack_id} ${name}${deprecated ? ", deprecated" : ""}`}
      style={{
        gridColumn: column + 1,
        "--light": mark?.fill.light,
        "--dark": mark?.fill.dark,
        "--on-light": mark && textOn(mark.fill.light),
        "--on-dark": mark && textOn(mark.fill.dark),
      }}
    >
      <a href={linkToAttack(attack_id, release)} tabIndex={-1}>
        <span class="unseen">{attack_id} </span>
        {name}
      </a>
      {mark !== undefined && <MarkText {...mark} />}
      {subs > 0 && (
        <button
          type="button"
          class="subs"
          tabIndex={-1}
          aria-expanded={isOpen}
          onClick={() => onToggle(attack_id)}
        >
          <SubCount {...cell} />
        </button>
      )}
    </div>
  );
}

/** Short for the eye, in words for screen readers. */
function MarkText({ text, label }: Mark) {
  return (
    <>
      <span class="mark" aria-hidden="true">
        {text}
      </span>
      <span class="unseen"> {label}</span>
    </>
  );
}

/** How many sub-techniques are below it, and where they are closed, how many of them are marked. */
function SubCount({ technique, subs, markedSubs, isOpen }: Cell) {
  return (
    <>
      <span class="chevron" aria-hidden="true">
        {isOpen ? "▾" : "▸"}
      </span>
      {!isOpen && markedSubs > 0 && <b>{markedSubs}/</b>}
      {subs}
      <span class="unseen"> sub-techniques of {technique.name}</span>
    </>
  );
}
