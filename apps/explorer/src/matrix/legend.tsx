import type { LegendEntry } from "./marks.js";
import { textOn } from "./palette.js";

interface LegendProps {
  readonly entries: readonly LegendEntry[];
  readonly title: string | undefined;
}

export function Legend({ entries, title }: LegendProps) {
  if (title === undefined) {
    return null;
  }
  return (
    <div class="legend">
      <span class="legend-title">{title}</span>
      {entries.length === 0 ? (
        <span>nothing is marked</span>
      ) : (
        <ul aria-label="Legend">
          {entries.map(({ text, label, fill }) => (
            <li key={`${text} ${label}`}>
              <span
                class="swatch"
                style={{
                  "--light": fill.light,
                  "--dark": fill.dark,
                  "--on-light": textOn(fill.light),
                  "--on-dark": textOn(fill.dark),
                }}
              >
                {text}
              </span>
              {label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
