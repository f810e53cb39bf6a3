import { oneLine } from "@cti-connectors/core";
import type { RejectedList, RetryReport } from "@cti-connectors/core/host";
import { formatAge, formatCount } from "../text/format.js";

/** The records in quarantine: for people. */
export function renderRejected({ total, records }: RejectedList, command: string, now: Date): string {
  if (total === 0) {
    return "No record is in quarantine.";
  }
  const left = total - records.length;
  return [
    `${formatCount(total, "record is", "records are")} in quarantine (etl_rejected), the latest first:`,
    "",
    ...records.flatMap(({ id, connector, step, reason, lastSeenAt, times, excerpt, isWhole }) => [
      `${connector} ${step}: ${formatAge(lastSeenAt, now)}, ${formatCount(times, "time")}, _id ${id}`,
      `  ${oneLine(reason)}`,
      `  ${oneLine(excerpt)}`,
      ...(isWhole ? [] : ["  The record is too large to keep, so it cannot be tried again."]),
      "",
    ]),
    ...(left > 0 ? [`${formatCount(left, "more record")}: --limit ${total} lists all.`] : []),
    `Try them again, for example after an upgrade: ${command} rejected --retry`,
  ].join("\n");
}

/** What became of records that were tried again: for people. */
export function renderRetry(reports: readonly RetryReport[], command: string): string {
  const lines = reports.map(({ name, status, reason, loaded, outdated, rejected, notTried }) => {
    const parts = [
      `${loaded} loaded`,
      ...(outdated > 0 ? [`${outdated} dropped: newer data is stored`] : []),
      ...(rejected > 0 ? [`${rejected} rejected again`] : []),
      ...(notTried > 0
        ? [`${notTried} not tried: the record was too large to keep, or its step no longer exists`]
        : []),
    ];
    const end = status === "ok" ? "" : `; ${status}${reason === undefined ? "" : `: ${reason}`}`;
    return `${name}: ${parts.join(", ")}${end}`;
  });
  const isLeft = reports.some(({ rejected, notTried }) => rejected + notTried > 0);
  return [...lines, ...(isLeft ? [`See what is left and why: ${command} rejected`] : [])].join("\n");
}
