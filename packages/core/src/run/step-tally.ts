import type { StepCounts } from "./run-event.js";

/** Counts of a step, while it runs. */
export type StepTally = { -readonly [Name in keyof StepCounts]: number };

export function createStepTally(): StepTally {
  return { extracted: 0, inserted: 0, updated: 0, unchanged: 0, superseded: 0, withdrawn: 0, rejected: 0 };
}
