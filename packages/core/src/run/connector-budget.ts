import { createRequestBudget, type RequestBudget } from "../budget/request-budget.js";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import { createBudgetLedger } from "../store/create-budget-ledger.js";
import type { StoreAccess } from "../store/open-store.js";

/** Under which the budget of a connector's upstream is remembered: its address, or the connector's name where it tells none. */
export function budgetKeyOf({ name, http }: Pick<ConfiguredConnector, "name" | "http">): string {
  return http.origin === undefined ? name : new URL(http.origin).host;
}

/** The request budget of a connector, remembered in the store; undefined where its upstream has no quota. */
export function createConnectorBudget(
  connector: Pick<ConfiguredConnector, "name" | "http">,
  store: StoreAccess,
  now: () => Date,
): RequestBudget | undefined {
  const { quota } = connector.http;
  return quota === undefined
    ? undefined
    : createRequestBudget({
        key: budgetKeyOf(connector),
        quota,
        ledger: createBudgetLedger(store, now),
        now,
      });
}
