import { formatTable } from "../format-table.js";
import type { Traffic } from "./count-traffic.js";

/** What one run asked for. */
export interface RequestsOfRun extends Traffic {
  readonly title: string;
  readonly requests: number;
  /** Documents that the run inserted, changed or marked. */
  readonly written: number;
  /** What the naive way asks for with the upstream as it was in this run. */
  readonly naive: Traffic & { readonly requests: number };
}

const header = [
  "",
  "requests",
  "sent kB",
  "received kB",
  "written",
  "naive requests",
  "naive kB",
  "bytes × naive",
];

/** One line per run. */
export function formatRequests(runs: readonly RequestsOfRun[]): string {
  return formatTable(
    header,
    runs.map(({ title, requests, sentBytes, receivedBytes, written, naive }) => [
      title,
      String(requests),
      kilobytes(sentBytes),
      kilobytes(receivedBytes),
      written.toLocaleString("en"),
      String(naive.requests),
      kilobytes(naive.sentBytes + naive.receivedBytes),
      ((sentBytes + receivedBytes) / (naive.sentBytes + naive.receivedBytes)).toFixed(4),
    ]),
  );
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
