import type { ConnectorReport, RunProgress, StepProgress, StepReport } from "@cti-connectors/core/host";
import { recordOutcomes } from "../health/run-tracker.js";
import { formatDuration, formatNumber } from "../text/format.js";
import { left, renderTable, right } from "../text/render-table.js";
import { joinToWidth } from "../text/width.js";

const counts = ["extracted", ...recordOutcomes] as const;

interface StepRow {
  readonly connector: string;
  readonly step: StepReport;
  readonly time: string;
}

/**
 * What each step of a run did: a table, or, where that is too wide, connectors as headings above it, or else a list. Counts that are zero
 * everywhere are left out.
 *
 * @returns undefined where there was no step
 */
export function renderSteps(
  connectors: readonly ConnectorReport[],
  progress: RunProgress,
  width: number,
): string | undefined {
  const rows = connectors.flatMap(({ name, steps }) => {
    const seen = progress.connectors.find((connector) => connector.name === name)?.steps ?? [];
    return steps.map((step): StepRow => {
      const time = renderTime(seen.find((timed) => timed.name === step.name));
      return { connector: name, step, time };
    });
  });
  if (rows.length === 0) {
    return undefined;
  }
  const shown = counts.filter((count) => count === "extracted" || rows.some(({ step }) => step[count] > 0));
  const layouts = [renderColumns(rows, shown), renderUnderHeadings(rows, shown)];
  const fitting = layouts.find((table) => table.split("\n").every((line) => line.length <= width));
  return fitting ?? renderList(rows, width);
}

type Count = (typeof counts)[number];

function renderColumns(rows: readonly StepRow[], shown: readonly Count[]): string {
  const columns = [left("connector"), left("step"), ...shown.map(right), right("time")];
  return renderTable(
    columns,
    rows.map((row, index) => [
      row.connector === rows[index - 1]?.connector ? "" : row.connector,
      row.step.name,
      ...cellsOf(row, shown),
    ]),
  );
}

function renderUnderHeadings(rows: readonly StepRow[], shown: readonly Count[]): string {
  const columns = [left("step"), ...shown.map(right), right("time")];
  return renderTable(
    columns,
    rows.flatMap((row, index) => [
      ...(row.connector === rows[index - 1]?.connector
        ? []
        : [[row.connector, ...columns.slice(1).map(() => "")]]),
      [`  ${row.step.name}`, ...cellsOf(row, shown)],
    ]),
  );
}

function cellsOf({ step, time }: StepRow, shown: readonly Count[]): string[] {
  return [...shown.map((count) => formatNumber(step[count])), time];
}

function renderList(rows: readonly StepRow[], width: number): string {
  return rows
    .flatMap(({ connector, step, time }, index) => {
      const written = counts.filter((count) => count === "extracted" || step[count] > 0);
      const parts = written.map((count) => `${formatNumber(step[count])} ${count}`);
      return [
        ...(connector === rows[index - 1]?.connector ? [] : [connector]),
        `  ${step.name}  ${time}`,
        ...joinToWidth(parts, width - 4).map((line) => `    ${line}`),
      ];
    })
    .join("\n");
}

function renderTime(step: StepProgress | undefined): string {
  return step?.startedAt === undefined || step.finishedAt === undefined
    ? "–"
    : formatDuration(step.finishedAt.getTime() - step.startedAt.getTime());
}
