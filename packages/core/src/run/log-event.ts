import type { Logger } from "../log/create-logger.js";
import type { ConnectorReport, RunEvent, StepCounts } from "./run-event.js";

/** Writes one log line for what happened, where no person watches a terminal; parts of a page at debug alone. */
export function logEvent(log: Logger, event: RunEvent): void {
  switch (event.type) {
    case "connector-started":
      log.info({ connector: event.connector, steps: event.steps }, "connector started");
      break;
    case "step-started":
      log.info({ connector: event.connector, step: event.step }, "step started");
      break;
    case "step-restored":
      log.info(
        { connector: event.connector, step: event.step, updated: event.counts.updated },
        "stored documents have the shape of this version",
      );
      break;
    case "batch-stored":
      log.debug(progressFields(event), "batch stored");
      break;
    case "page-loaded":
      log.info(progressFields(event), "page loaded");
      break;
    case "waiting":
      log.warn(
        { connector: event.connector, reason: event.reason, until: event.until.toISOString() },
        `waiting: ${event.message}`,
      );
      break;
    case "resumed":
      log.info({ connector: event.connector }, "resuming");
      break;
    case "step-finished":
      log.info(
        {
          connector: event.connector,
          step: event.step,
          ...written(event.counts),
          seconds: rounded(event.seconds),
        },
        "step finished",
      );
      break;
    case "connector-finished":
      logOutcome(log, event.report);
      break;
  }
}

function progressFields({
  connector,
  step,
  counts,
  total,
  bytes,
}: Extract<RunEvent, { type: "batch-stored" | "page-loaded" }>) {
  return {
    connector,
    step,
    ...written(counts),
    ...(total !== undefined && { total }),
    ...(bytes !== undefined && { bytes_read: bytes.read, bytes_total: bytes.total }),
  };
}

function logOutcome(log: Logger, report: ConnectorReport): void {
  const { name: connector, status, requests, retries, throttled } = report;
  const fields = { connector, requests, retries, throttled, seconds: rounded(report.seconds) };
  switch (status) {
    case "ok":
      log.info(fields, "connector finished");
      break;
    case "skipped":
      log.warn({ connector }, `connector skipped: ${report.reason ?? "no reason given"}`);
      break;
    case "failed":
      log.error(fields, `connector failed: ${report.reason ?? "no reason given"}`);
      break;
    case "interrupted":
      log.warn(
        fields,
        report.steps.every(({ extracted, updated }) => extracted === 0 && updated === 0)
          ? "connector interrupted before anything was loaded"
          : "connector interrupted: progress is saved",
      );
      break;
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

/** Counts that say something: what is zero is left out, apart from the records read. */
function written({ extracted, ...counts }: StepCounts): Partial<StepCounts> {
  return {
    extracted,
    ...Object.fromEntries(Object.entries(counts).filter(([name, value]) => name !== "name" && value > 0)),
  };
}
