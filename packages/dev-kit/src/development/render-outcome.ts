import type { ConnectorReport, RejectedList, RunReport } from "@cti-connectors/core/host";

const columns = ["extracted", "inserted", "updated", "unchanged", "removed", "rejected"] as const;

/** For people: what each step did, and how the run ended. */
export function renderOutcome({ connectors }: RunReport, rejected: RejectedList): string {
  return connectors
    .flatMap((connector) => [
      ...(connector.steps.length === 0 ? [] : [renderCounts(connector), ""]),
      ...renderRejected(rejected),
      ...connector.steps.flatMap(({ name, missing = [] }) =>
        missing.length === 0 ? [] : [`${name}: not loaded: ${missing.join(", ")}`],
      ),
      renderEnd(connector),
    ])
    .join("\n");
}

function renderCounts({ steps }: ConnectorReport): string {
  const width = Math.max(...steps.map(({ name }) => name.length), "step".length);
  const row = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell, index) => cell.padStart(columns[index]?.length ?? 0))].join(
      "  ",
    );
  return [
    row("step", columns),
    ...steps.map((step) => {
      const counts = { ...step, removed: step.superseded + step.withdrawn };
      return row(
        step.name,
        columns.map((column) => String(counts[column])),
      );
    }),
  ].join("\n");
}

function renderRejected({ total, records }: RejectedList): readonly string[] {
  if (total === 0) {
    return [];
  }
  return [
    `${total} rejected:`,
    ...records.map(({ step, reason, excerpt }) => `  ${step}: ${reason}\n    ${excerpt}`),
    ...(total > records.length ? [`  … and ${total - records.length} more`] : []),
    "",
  ];
}

function renderEnd({ name, status, reason, requests, retries, throttled, seconds }: ConnectorReport): string {
  // What core says of an interruption is that the next run resumes: here it does not.
  const why = reason === undefined || status === "interrupted" ? "" : `: ${reason}`;
  const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
  const traffic = [
    counted(requests, "request", "requests"),
    counted(retries, "retry", "retries"),
    `${throttled} × 429`,
    `${seconds.toFixed(1)} s`,
  ].join(", ");
  return `${name}: ${status}${why} (${traffic})`;
}
