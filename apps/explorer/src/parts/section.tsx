import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { formatNumber } from "./numbers.js";

interface SectionProps {
  readonly title: ComponentChildren;
  readonly count?: number;
  /** What stands at the other end of the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a view with a title and a border. */
export function Section({ title, count, aside, children }: SectionProps) {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          {title}
          {count !== undefined && <span class="badge">{formatNumber(count)}</span>}
        </h2>
        {aside}
      </header>
      <div class="section-content">{children}</div>
    </section>
  );
}

interface ListedProps<Item> {
  readonly items: readonly Item[];
  /** How many are shown at first. */
  readonly first: number;
  readonly children: (items: readonly Item[]) => ComponentChildren;
}

/** The first of many things, and a button that shows them all. */
export function Listed<Item>({ items, first, children }: ListedProps<Item>) {
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      {children(isWhole ? items : items.slice(0, first))}
      {items.length > first && (
        <button type="button" class="more" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? `Show the first ${first}` : `Show all ${formatNumber(items.length)}`}
        </button>
      )}
    </>
  );
}
