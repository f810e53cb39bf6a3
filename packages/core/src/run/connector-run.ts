import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { HttpLimits, HttpStats } from "../http/http-client.js";
import type { Redact } from "../secrets/redact-secrets.js";
import { describeFailure } from "../store/describe-failure.js";
import type { Lease } from "../store/lease.js";
import type { DatabaseWatch } from "../store/watch-database.js";
import type { ConnectorReport, RunEvent, StepTally } from "./run-event.js";
import type { PageFindings, RunStepOptions } from "./run-step.js";

export interface RunConnectorOptions
  extends Pick<
    RunStepOptions,
    "store" | "log" | "signal" | "full" | "dryRun" | "overlap" | "removals" | "filesFolder" | "now" | "runId"
  > {
  readonly onEvent: (event: RunEvent) => void;
  readonly watch: DatabaseWatch;
  /** Win over the connector's own. */
  readonly http: HttpLimits;
  /** Besides those of the connector. */
  readonly secrets: readonly string[];
  readonly ifRunning: IfRunning;
  readonly runningWaitMs: number;
}

/** What to do where another run has the connector: wait for it and skip if that takes too long, skip at once, or fail. */
export type IfRunning = "wait" | "skip" | "fail";

export type ConnectorOutcome = Pick<ConnectorReport, "status" | "reason">;

const interruptedReason = "interrupted: the next run resumes here";

/** One run of a connector, and what is known of it so far. */
export interface ConnectorRun {
  readonly connector: ConfiguredConnector;
  readonly options: RunConnectorOptions;
  readonly redact: Redact;
  /** Undefined until it is acquired, and in a dry run. */
  lease: Lease | undefined;
  stats: HttpStats;
  /** Those that have done anything so far, by name. */
  readonly steps: Map<string, RunningStep>;
}

export type RunningStep = { readonly tally: StepTally } & {
  -readonly [Name in keyof PageFindings]: PageFindings[Name];
};

export function skipped(reason: string, { redact }: Pick<ConnectorRun, "redact">): ConnectorOutcome {
  return { status: "skipped", reason: redact(reason) };
}

export function interrupted({ lease }: ConnectorRun): ConnectorOutcome {
  lease?.lost.throwIfAborted();
  return { status: "interrupted", reason: interruptedReason };
}

/** What an interruption throws is no failure; anything else is, and so is the loss of the lease. */
export function failed(
  error: unknown,
  { connector: { name }, options, lease, redact }: ConnectorRun,
  step?: string,
): ConnectorOutcome {
  const { signal, log, store } = options;
  const place = { connector: name, ...(step !== undefined && { step }) };
  log.debug({ ...place, err: error }, "the connector stopped here");
  if (lease?.lost.aborted === true) {
    return { status: "failed", reason: redact(describeFailure(lease.lost.reason, store)) };
  }
  if (signal.aborted) {
    return { status: "interrupted", reason: interruptedReason };
  }
  const reason = redact(describeFailure(error, store));
  return { status: "failed", reason: step === undefined ? reason : `${step}: ${reason}` };
}

/** What the last one says decides: it may be an interruption. */
export function joinFailures(failures: readonly ConnectorOutcome[]): ConnectorOutcome {
  const last = failures.at(-1);
  if (last === undefined || last.status !== "failed") {
    return last ?? { status: "ok" };
  }
  return { ...last, reason: failures.map(({ reason }) => reason).join("; ") };
}

/** Since a time of `performance.now()`, in seconds. */
export function secondsSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt) / 1000;
}
