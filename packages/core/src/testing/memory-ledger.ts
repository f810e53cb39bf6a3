import type { BudgetLedger } from "../budget/budget-ledger.js";
import type { BudgetState } from "../budget/budget-rules.js";

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
      return {
        state: text === undefined ? undefined : JSON.parse(text),
        version: { revision: text, hasRequests: true },
      };
    },
    save: async (key, state, { since }) => {
      onSave(state);
      if (saved.get(key) !== since.revision) {
        return undefined;
      }
      const revision = JSON.stringify(state);
      saved.set(key, revision);
      return { revision, hasRequests: true };
    },
  };
}
