import { z } from "zod";
import { type ConnectorReport, type RunEvent, sourceBytes, stepCounts, waitReason } from "./run-event.js";

/** What is known of how much a step has read: absent where nobody knows. */
const stepExtent = {
  /** So far. */
  counts: stepCounts.exactOptional(),
  /** Records expected in all. */
  total: z.number().exactOptional(),
  bytes: sourceBytes.exactOptional(),
};

/** Where a run is that has not ended, as it is recorded in `etl_runs`. */
export const runPosition = z.object({
  connector: z.string(),
  step: z.string(),
  ...stepExtent,
  /** Present while it waits. */
  waiting: z.object({ reason: waitReason, until: z.date() }).exactOptional(),
});
export type RunPosition = Readonly<z.output<typeof runPosition>>;

export interface StepProgress extends Readonly<z.output<z.ZodObject<typeof stepExtent>>> {
  readonly name: string;
  readonly status: "pending" | "running" | "done" | "stopped";
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** How long it has waited before requests, in milliseconds, without a wait that goes on. Absent: not at all. */
  readonly waitedMs?: number;
}

/** What a connector waits for before its next request. */
export interface ConnectorWait
  extends Pick<Extract<RunEvent, { type: "waiting" }>, "reason" | "until" | "message"> {
  /** When it began. */
  readonly since: Date;
}

export interface ConnectorProgress {
  readonly name: string;
  readonly status: "running" | ConnectorReport["status"];
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly steps: readonly StepProgress[];
  readonly wait?: ConnectorWait;
}

/** How far a run is, in the order in which its connectors started. */
export interface RunProgress {
  readonly connectors: readonly ConnectorProgress[];
}

export const noProgress: RunProgress = { connectors: [] };

/** Pure: how far the run is once this has happened. */
export function reduceProgress({ connectors }: RunProgress, event: RunEvent, at: Date): RunProgress {
  if (event.type === "connector-started") {
    const steps = event.steps.map((name): StepProgress => ({ name, status: "pending" }));
    return { connectors: [...connectors, { name: event.connector, status: "running", steps }] };
  }
  if (event.type !== "connector-finished") {
    return {
      connectors: connectors.map((connector) =>
        connector.name === event.connector ? reduceConnector(connector, event, at) : connector,
      ),
    };
  }
  const { name, status, reason } = event.report;
  const before = connectors.find((connector) => connector.name === name);
  const steps = before === undefined ? [] : stopRunning(endWait(before, at).steps, at);
  const after = { name, status, ...(reason !== undefined && { reason }), steps };
  // One that is skipped was never started, and appears here for the first time.
  return {
    connectors:
      before === undefined
        ? [...connectors, after]
        : connectors.map((connector) => (connector === before ? after : connector)),
  };
}

/** The step that runs now; null between two steps. */
export function positionOf({ connectors }: RunProgress): RunPosition | null {
  const connector = connectors.find(({ status }) => status === "running");
  const step = connector?.steps.find(({ status }) => status === "running");
  if (connector === undefined || step === undefined) {
    return null;
  }
  const { name, status: _, startedAt: __, finishedAt: ___, waitedMs: ____, ...extent } = step;
  const { wait } = connector;
  return {
    connector: connector.name,
    step: name,
    ...extent,
    ...(wait !== undefined && { waiting: { reason: wait.reason, until: wait.until } }),
  };
}

type EventWithin = Exclude<RunEvent, { type: "connector-started" | "connector-finished" }>;

function reduceConnector(connector: ConnectorProgress, event: EventWithin, at: Date): ConnectorProgress {
  const awake = endWait(connector, at);
  switch (event.type) {
    case "waiting": {
      const { reason, until, message } = event;
      return { ...awake, wait: { reason, until, message, since: at } };
    }
    case "resumed":
      return awake;
    case "step-started":
      return {
        ...awake,
        steps: updateStep(stopRunning(awake.steps, at), event.step, (step) => ({
          ...step,
          status: "running",
          startedAt: at,
        })),
      };
    case "batch-stored":
    case "page-loaded": {
      const { type: __, connector: ___, step: name, ...extent } = event;
      // What comes behind a file is not counted in its bytes.
      const reached = ({ bytes: ____, ...step }: StepProgress) => ({ ...step, ...extent });
      return { ...connector, steps: updateStep(connector.steps, name, reached) };
    }
    case "step-restored": {
      const { step: name, counts } = event;
      const { steps } = awake;
      return {
        ...awake,
        steps: updateStep(steps, name, ({ startedAt: __, ...step }) => ({
          ...step,
          status: "pending",
          counts,
        })),
      };
    }
    case "step-finished": {
      const { step: name, counts } = event;
      const done = (step: StepProgress) => ({ ...step, status: "done" as const, finishedAt: at, counts });
      return { ...awake, steps: updateStep(awake.steps, name, done) };
    }
  }
}

/** The step that runs has waited so much longer. */
function endWait({ wait, ...connector }: ConnectorProgress, at: Date): Omit<ConnectorProgress, "wait"> {
  const ms = wait === undefined ? 0 : at.getTime() - wait.since.getTime();
  const waited = (step: StepProgress) =>
    step.status === "running" ? { ...step, waitedMs: (step.waitedMs ?? 0) + ms } : step;
  return ms <= 0 ? connector : { ...connector, steps: connector.steps.map(waited) };
}

function updateStep(
  steps: readonly StepProgress[],
  name: string,
  change: (step: StepProgress) => StepProgress,
): readonly StepProgress[] {
  return steps.map((step) => (step.name === name ? change(step) : step));
}

/** A step that failed has no event of its own: the next one starts, or the connector finishes. */
function stopRunning(steps: readonly StepProgress[], at: Date): readonly StepProgress[] {
  return steps.map((step) =>
    step.status === "running" ? { ...step, status: "stopped", finishedAt: at } : step,
  );
}
