import type { BudgetLedger, BudgetState } from "./budget-ledger.js";

export interface MemoryLedger extends BudgetLedger {
  /** By key, as JSON: what a database would hold. */
  readonly saved: Map<string, string>;
}

/** A ledger that keeps JSON texts, so that nothing is shared with the budget that saved it. */
export function createMemoryLedger(onSave: (state: BudgetState) => void = () => {}): MemoryLedger {
  const saved = new Map<string, string>();
  return {
    saved,
    load: async (key) => {
      const text = saved.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    save: async (key, state) => {
      onSave(state);
      saved.set(key, JSON.stringify(state));
    },
  };
}
