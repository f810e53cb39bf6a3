import type { ConnectorReport, RunEvent, StepCounts } from "@cti-connectors/core";

export interface StepProgress {
  readonly name: string;
  readonly status: "pending" | "running" | "done" | "stopped";
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  readonly counts?: StepCounts;
  /** Records expected in all, where known. */
  readonly total?: number;
  /** How far its source is read, while that is a file of known length. */
  readonly bytes?: { readonly read: number; readonly total: number };
}

/** What a connector waits for before its next request. */
export interface Wait {
  readonly reason: Extract<RunEvent, { type: "waiting" }>["reason"];
  readonly until: Date;
  readonly message: string;
}

export interface ConnectorProgress {
  readonly name: string;
  readonly status: "running" | ConnectorReport["status"];
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly steps: readonly StepProgress[];
  readonly wait?: Wait;
}

/** How far a run is, in the order in which its connectors started. */
export interface RunProgress {
  readonly connectors: readonly ConnectorProgress[];
}

export const noProgress: RunProgress = { connectors: [] };

/** Pure: how far the run is once this has happened. */
export function reduceProgress(progress: RunProgress, event: RunEvent, at: Date): RunProgress {
  if (event.type === "connector-started") {
    const steps = event.steps.map((name): StepProgress => ({ name, status: "pending" }));
    return { connectors: [...progress.connectors, { name: event.connector, status: "running", steps }] };
  }
  if (event.type === "connector-finished") {
    return finishConnector(progress, event.report, at);
  }
  return {
    connectors: progress.connectors.map((connector) =>
      connector.name === event.connector ? reduceConnector(connector, event, at) : connector,
    ),
  };
}

type EventWithin = Exclude<RunEvent, { type: "connector-started" | "connector-finished" }>;

function reduceConnector(connector: ConnectorProgress, event: EventWithin, at: Date): ConnectorProgress {
  const { wait: _, ...awake } = connector;
  switch (event.type) {
    case "waiting":
      return { ...awake, wait: { reason: event.reason, until: event.until, message: event.message } };
    case "resumed":
      return awake;
    case "step-started":
      return updateStep(stopRunning(awake, at), event.step, { status: "running", startedAt: at });
    case "batch-stored":
    case "page-loaded":
      return updateStep(withoutBytes(connector, event.step), event.step, {
        counts: event.counts,
        ...(event.total === undefined ? {} : { total: event.total }),
        ...(event.bytes === undefined ? {} : { bytes: event.bytes }),
      });
    case "step-finished":
      return updateStep(awake, event.step, { status: "done", finishedAt: at, counts: event.counts });
  }
}

/** What comes behind a file is not counted in its bytes. */
function withoutBytes(connector: ConnectorProgress, name: string): ConnectorProgress {
  return {
    ...connector,
    steps: connector.steps.map((step) => {
      const { bytes: _, ...rest } = step;
      return step.name === name ? rest : step;
    }),
  };
}

function updateStep(
  connector: ConnectorProgress,
  name: string,
  change: Partial<StepProgress>,
): ConnectorProgress {
  return {
    ...connector,
    steps: connector.steps.map((step) => (step.name === name ? { ...step, ...change } : step)),
  };
}

/** A step that failed has no event of its own: the next one starts, or the connector finishes. */
function stopRunning(connector: ConnectorProgress, at: Date): ConnectorProgress {
  return {
    ...connector,
    steps: connector.steps.map((step) =>
      step.status === "running" ? { ...step, status: "stopped", finishedAt: at } : step,
    ),
  };
}

/** A connector that is skipped was never started, and appears here for the first time. */
function finishConnector(progress: RunProgress, report: ConnectorReport, at: Date): RunProgress {
  const before = progress.connectors.find((connector) => connector.name === report.name);
  const after: ConnectorProgress = {
    name: report.name,
    status: report.status,
    ...(report.reason === undefined ? {} : { reason: report.reason }),
    steps: before === undefined ? [] : stopRunning(before, at).steps,
  };
  return {
    connectors:
      before === undefined
        ? [...progress.connectors, after]
        : progress.connectors.map((connector) => (connector === before ? after : connector)),
  };
}
