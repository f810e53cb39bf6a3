import type { RunEvent, StepCounts } from "./run-event.js";

/** How far a run is that has not ended. */
export interface RunProgress {
  readonly connector: string;
  readonly step: string;
  /** So far in this step. */
  readonly counts?: StepCounts;
  /** Records expected in all in this step, where known. */
  readonly total?: number;
  /** How far the source of this step is read, in place of `total`. */
  readonly bytes?: { readonly read: number; readonly total: number };
  /** Present while it waits. */
  readonly waiting?: {
    readonly reason: Extract<RunEvent, { type: "waiting" }>["reason"];
    readonly until: Date;
  };
}

/** What an event changes in it; null between two steps. */
export function progressAfter(progress: RunProgress | null, event: RunEvent): RunProgress | null {
  switch (event.type) {
    case "step-started":
      return { connector: event.connector, step: event.step };
    case "batch-stored":
    case "page-loaded": {
      const { type: _, ...reached } = event;
      return reached;
    }
    case "waiting":
      return progress && { ...progress, waiting: { reason: event.reason, until: event.until } };
    case "resumed":
      return progress && withoutWaiting(progress);
    default:
      return null;
  }
}

function withoutWaiting({ waiting: _, ...progress }: RunProgress): RunProgress {
  return progress;
}
