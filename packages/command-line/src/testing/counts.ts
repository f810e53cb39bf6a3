import type { StepCounts } from "@cti-connectors/core/host";

export function counts(some: Partial<StepCounts> = {}): StepCounts {
  return {
    extracted: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    superseded: 0,
    withdrawn: 0,
    rejected: 0,
    ...some,
  };
}
