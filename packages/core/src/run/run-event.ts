import { z } from "zod";

/** Counts of a step. */
export const stepCounts = z.object({
  extracted: z.number(),
  inserted: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  superseded: z.number(),
  withdrawn: z.number(),
  rejected: z.number(),
});
export type StepCounts = Readonly<z.output<typeof stepCounts>>;

/** Counts of a step, while it runs. */
export type StepTally = z.output<typeof stepCounts>;

export function createStepTally(): StepTally {
  return { extracted: 0, inserted: 0, updated: 0, unchanged: 0, superseded: 0, withdrawn: 0, rejected: 0 };
}

export const stepReport = z.object({
  name: z.string(),
  ...stepCounts.shape,
  /** Figures of the documents that are stored. Absent: the step reports none. */
  facts: z.record(z.string(), z.number()).readonly().exactOptional(),
  /** Names of what the upstream lists but could not be loaded; the next run tries again. Absent: nothing. */
  missing: z.array(z.string()).readonly().exactOptional(),
  /** A span of time of which records may be missing, in ISO 8601. Absent: none. */
  gap: z.object({ from: z.string(), to: z.string() }).readonly().exactOptional(),
});
export type StepReport = Readonly<z.output<typeof stepReport>>;

export const connectorReport = z.object({
  name: z.string(),
  status: z.enum(["ok", "failed", "skipped", "interrupted"]),
  reason: z.string().exactOptional(),
  /** Why it loaded only a sample. Absent: it loads everything. */
  sample: z.string().exactOptional(),
  requests: z.number(),
  retries: z.number(),
  /** 429 answers. */
  throttled: z.number(),
  seconds: z.number(),
  steps: z.array(stepReport).readonly(),
});
export type ConnectorReport = Readonly<z.output<typeof connectorReport>>;

export interface RunReport {
  readonly runId: string;
  readonly status: "ok" | "partial" | "failed" | "interrupted";
  readonly store: { readonly kind: "embedded" | "mongodb"; readonly db: string };
  readonly connectors: readonly ConnectorReport[];
}

/** How far the source of a step is read, in place of the number of records. */
export const sourceBytes = z.object({ read: z.number(), total: z.number() });

/**
 * Why a connector waits. `budget`: our own quota is used up; `throttled`: the upstream said 429; `retry`: back-off after a failure;
 * `running`: another run has the connector.
 */
export const waitReason = z.enum(["budget", "throttled", "retry", "running"]);

/** What happens during a run, for displays of progress. */
export type RunEvent =
  | { readonly type: "connector-started"; readonly connector: string; readonly steps: readonly string[] }
  | { readonly type: "step-started"; readonly connector: string; readonly step: string }
  | {
      /** What an older version of the step has stored is upgraded. The step starts again when its turn comes. */
      readonly type: "step-restored";
      readonly connector: string;
      readonly step: string;
      readonly counts: StepCounts;
    }
  | {
      /** `batch-stored`: a part of a page was written; `page-loaded`: all of it, and its checkpoint is saved. */
      readonly type: "batch-stored" | "page-loaded";
      readonly connector: string;
      readonly step: string;
      /** So far in this step. */
      readonly counts: StepCounts;
      /** Records expected in all, where known. */
      readonly total?: number;
      readonly bytes?: Readonly<z.output<typeof sourceBytes>>;
    }
  | {
      readonly type: "waiting";
      readonly connector: string;
      readonly reason: z.output<typeof waitReason>;
      readonly until: Date;
      /** One line for people, without secrets. */
      readonly message: string;
    }
  | { readonly type: "resumed"; readonly connector: string }
  | {
      readonly type: "step-finished";
      readonly connector: string;
      readonly step: string;
      readonly counts: StepCounts;
      readonly seconds: number;
    }
  | { readonly type: "connector-finished"; readonly report: ConnectorReport };
