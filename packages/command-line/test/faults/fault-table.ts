import type { ConnectorReport } from "@cti-connectors/core/host";

/** What became of a run with a fault. */
export interface FaultOutcome {
  readonly report: ConnectorReport;
  /** How often the fault was met. */
  readonly met: number;
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
        `## ${place}`,
        "",
        "| fault | once | for ever | message |",
        "| --- | --- | --- | --- |",
        ...lines.map((line) => `| ${line} |`),
        "",
      ].join("\n");
    })
    .join("\n");
}

function describeOutcome({ report, met, stored, all }: FaultOutcome): string {
  const { status, throttled, reason = "" } = report;
  const isComplete = stored === all;
  const [step = ""] = reason.split(":");
  return [
    met === 1 ? "met once" : `met ${met} times`,
    ...(throttled > 0 ? ["waits"] : []),
    ...(status === "ok" ? (isComplete ? [] : ["goes on without"]) : [`\`${step}\` fails`]),
    isComplete ? "everything stored" : `${stored} of ${all} documents stored`,
  ].join("; ");
}

function message({ report: { reason = "" } }: FaultOutcome): string {
  return reason
    .replaceAll(/127\.0\.0\.1:\d+/g, "server.example")
    .replaceAll(/connection \d+ to/g, "a connection to")
    .replaceAll(/faults_[-\da-f]+/g, "DATABASE")
    .replaceAll(/x-mitre-collection--[-\da-f]+/g, "COLLECTION")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").replaceAll("<", "&lt;");
}
