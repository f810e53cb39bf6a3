import type { DailyIocsJson } from "@cti-connectors/server/answers";
import { formatCompact, formatCount, formatNumber } from "../parts/numbers.js";

const [width, height, margin] = [900, 190, { left: 44, top: 8, bottom: 22 }] as const;

/** How many IOCs of each day: a bar each. The table below it has the numbers. */
export function DailyChart({
  days,
  totals,
}: {
  readonly days: readonly string[];
  readonly totals: readonly number[];
}) {
  const most = roundUp(Math.max(1, ...totals));
  const plot = { width: width - margin.left, height: height - margin.top - margin.bottom };
  const step = plot.width / Math.max(1, days.length);
  const yOf = (value: number) => margin.top + plot.height * (1 - value / most);
  const every = Math.ceil(days.length / 8);
  const sum = totals.reduce((one, other) => one + other, 0);
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${formatCount(sum, "IOC")} in ${days.length} days; the table below has the numbers`}
      >
        {[0, most / 2, most].map((value) => (
          <g key={value}>
            <line x1={margin.left} x2={width} y1={yOf(value)} y2={yOf(value)} class="grid-line" />
            <text x={margin.left - 6} y={yOf(value) + 4} text-anchor="end">
              {formatCompact(value)}
            </text>
          </g>
        ))}
        {days.map((day, index) => {
          const total = totals[index] ?? 0;
          return (
            <g key={day}>
              <rect
                class="bar"
                x={margin.left + index * step + step * 0.12}
                width={step * 0.76}
                y={yOf(total)}
                height={yOf(0) - yOf(total)}
              >
                <title>{`${day}: ${formatNumber(total)}`}</title>
              </rect>
              {index % every === 0 && (
                <text x={margin.left + (index + 0.5) * step} y={height - 6} text-anchor="middle">
                  {day.slice(5)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

/** The next number that is easy to read, and half of it. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((each) => each >= value) ??
    value
  );
}

interface SparklineProps {
  readonly counts: readonly number[];
  /** What fills the height: the same for all lines of a table, so that they can be compared. */
  readonly most: number;
}

/** The same in a line of a table: beside the numbers, and so for the eye alone. */
export function Sparkline({ counts, most }: SparklineProps) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${counts.length * 4} 24`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {counts.map((count, index) => {
        const size = count === 0 ? 0 : Math.max(1, (24 * count) / most);
        return <rect key={index} class="bar" x={index * 4} width={3} y={24 - size} height={size} />;
      })}
    </svg>
  );
}

/** All series of each day together. */
export function totalsOf({ days, series, other }: DailyIocsJson): readonly number[] {
  return days.map((_, index) =>
    series.reduce((sum, { counts }) => sum + (counts[index] ?? 0), other[index] ?? 0),
  );
}
