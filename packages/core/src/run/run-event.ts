import type { Facts } from "../connector/connector.js";

/** What happens during a run, for whoever shows progress. */
export type RunEvent =
  | { readonly type: "connector-started"; readonly connector: string; readonly steps: readonly string[] }
  | { readonly type: "step-started"; readonly connector: string; readonly step: string }
  | {
      /** `batch-stored`: a part of a page was written; `page-loaded`: all of it, and its checkpoint is saved. */
      readonly type: "batch-stored" | "page-loaded";
      readonly connector: string;
      readonly step: string;
      /** So far in this step. */
      readonly counts: StepCounts;
      /** Records expected in all, where known. */
      readonly total?: number;
      /** How far the source is read, in place of `total`. */
      readonly bytes?: { readonly read: number; readonly total: number };
    }
  | {
      readonly type: "waiting";
      readonly connector: string;
      /**
       * `budget`: our own quota is used up; `throttled`: the upstream said 429; `retry`: back-off after a failure; `running`: another run
       * has the connector.
       */
      readonly reason: "budget" | "throttled" | "retry" | "running";
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

export interface StepCounts {
  readonly extracted: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly withdrawn: number;
  readonly rejected: number;
}

export interface ConnectorReport {
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped" | "interrupted";
  readonly reason?: string;
  readonly requests: number;
  readonly retries: number;
  /** 429 answers. */
  readonly throttled: number;
  readonly seconds: number;
  readonly steps: readonly StepReport[];
}

export interface StepReport extends StepCounts {
  readonly name: string;
  /** What the step tells of the documents that are stored. Absent: nothing. */
  readonly facts?: Facts;
  /** Names of what the upstream lists but could not be loaded; the next run tries again. Absent: nothing. */
  readonly missing?: readonly string[];
}

export interface RunReport {
  readonly runId: string;
  readonly status: "ok" | "partial" | "failed" | "interrupted";
  readonly store: { readonly kind: "embedded" | "mongodb"; readonly db: string };
  readonly connectors: readonly ConnectorReport[];
}

/** Counts of a step, while it runs. */
export type StepTally = { -readonly [Name in keyof StepCounts]: number };

export function createStepTally(): StepTally {
  return { extracted: 0, inserted: 0, updated: 0, unchanged: 0, superseded: 0, withdrawn: 0, rejected: 0 };
}
