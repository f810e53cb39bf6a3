import type { BudgetLedger } from "./budget-ledger.js";
import type { StoreAccess } from "./open-store.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

/** Request budgets in `etl_state`, one document per upstream. */
export function createBudgetLedger(store: StoreAccess, now: () => Date = () => new Date()): BudgetLedger {
  const state = stateOf(store);
  return {
    async load(key) {
      const found = await withStoreRetry(store, () => state.findOne({ _id: stateId("budget", key) }));
      return found?.value;
    },
    async save(key, value) {
      await withStoreRetry(store, () =>
        state.updateOne(
          { _id: stateId("budget", key) },
          { $set: { value, saved_at: now() } },
          { upsert: true },
        ),
      );
    },
  };
}
