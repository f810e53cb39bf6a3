import type { ConnectorReport } from "@cti-connectors/core";

/** What became of a run with a fault. */
export interface FaultOutcome {
  readonly report: ConnectorReport;
  /** Documents that were stored. */
  readonly stored: number;
  /** Documents that a run without faults stores. */
  readonly all: number;
}

export interface FaultRow {
  /** Heading of the table that the row belongs to. */
  readonly place: string;
  readonly fault: string;
  readonly once: FaultOutcome;
  readonly forEver: FaultOutcome;
}

/** Markdown: a table for every place. */
export function renderFaultTables(rows: readonly FaultRow[]): string {
  const places = [...new Set(rows.map(({ place }) => place))];
  return places
    .map((place) => {
      const lines = rows
        .filter((row) => row.place === place)
        .map(({ fault, once, forEver }) =>
          [fault, describeOutcome(once), describeOutcome(forEver), message(forEver)].map(toCell).join(" | "),
        );
      return [
        `### ${place}`,
        "",
        "| fault | once | for ever | message |",
        "| --- | --- | --- | --- |",
        ...lines.map((line) => `| ${line} |`),
        "",
      ].join("\n");
    })
    .join("\n");
}

function describeOutcome({
  report: { status, retries, throttled, reason = "" },
  stored,
  all,
}: FaultOutcome): string {
  const repeated = [
    ...(retries > 0 ? [retries === 1 ? "retried once" : `retried ${retries} times`] : []),
    ...(throttled > 0 ? ["waits"] : []),
  ];
  const isComplete = stored === all;
  const documents = isComplete ? "everything stored" : `${stored} of ${all} documents stored`;
  const [step = ""] = reason.split(":");
  const end = status === "ok" ? (isComplete ? [] : ["goes on without"]) : [`\`${step}\` fails`];
  return [...repeated, ...end, documents].join("; ");
}

function message({ report: { reason = "" } }: FaultOutcome): string {
  return reason
    .replaceAll(/127\.0\.0\.1:\d+/g, "server.example")
    .replaceAll(/x-mitre-collection--[-\da-f]+/g, "COLLECTION")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").replaceAll("<", "&lt;");
}
