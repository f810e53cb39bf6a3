import { randomUUID } from "node:crypto";
import { type Document, MongoServerError } from "mongodb";
import { z } from "zod";
import type { BudgetLedger } from "../budget/budget-ledger.js";
import type { BudgetState } from "../budget/budget-rules.js";
import { createRequestBudget, type RequestBudget } from "../budget/request-budget.js";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { StoreAccess } from "../store/open-store.js";
import { stateId, stateOf } from "../store/state-collection.js";
import { withStoreRetry } from "../store/with-store-retry.js";

/** The key of the budget of a connector's upstream: its host, or the connector's name if it declares no origin. */
export function budgetKeyOf({ name, http }: Pick<ConfiguredConnector, "name" | "http">): string {
  return http.origin === undefined ? name : new URL(http.origin).host;
}

interface ConnectorBudgetOptions {
  readonly store: StoreAccess;
  readonly now: () => Date;
  /** Start from what the store remembers, and keep requests of this run in memory. */
  readonly dryRun: boolean;
}

/** The request budget of a connector, remembered in the store; undefined where its upstream has no quota. */
export function createConnectorBudget(
  connector: Pick<ConfiguredConnector, "name" | "http">,
  { store, now, dryRun }: ConnectorBudgetOptions,
): RequestBudget | undefined {
  const { quota } = connector.http;
  if (quota === undefined) {
    return undefined;
  }
  const ledger = createBudgetLedger(store, now);
  return createRequestBudget({
    ...{ key: budgetKeyOf(connector), quota, now },
    ledger: dryRun ? withoutSaving(ledger) : ledger,
  });
}

/** The budget itself knows what has changed since it was loaded. */
function withoutSaving({ load }: BudgetLedger): BudgetLedger {
  return { load, save: async (_key, _state, { since }) => since };
}

const withRequests = z.object({ sentAt: z.array(z.number()) });

/** Request budgets in `etl_state`, one document per upstream. A request is added to the list, which is not sent again. */
export function createBudgetLedger(store: StoreAccess, now: () => Date = () => new Date()): BudgetLedger {
  const state = stateOf(store);
  return {
    async load(key) {
      const found = await withStoreRetry(store, () => state.findOne({ _id: stateId("budget", key) }));
      return {
        state: found?.value,
        version: {
          revision: found?.revision ?? null,
          hasRequests: withRequests.safeParse(found?.value).success,
        },
      };
    },
    async save(key, value, { since, addsRequest }) {
      const revision = randomUUID();
      const change = addsRequest && since.hasRequests ? addRequest(value) : { $set: { value } };
      const isSaved = await withStoreRetry(store, async () => {
        try {
          const { matchedCount, upsertedCount } = await state.updateOne(
            { _id: stateId("budget", key), revision: since.revision },
            { ...change, $set: { ...change.$set, revision, saved_at: now() } },
            { upsert: since.revision === null },
          );
          return matchedCount + upsertedCount > 0;
        } catch (error) {
          // Where there was none before, somebody else was first.
          if (error instanceof MongoServerError && error.code === 11000) {
            return false;
          }
          throw error;
        }
      });
      return isSaved ? { revision, hasRequests: true } : undefined;
    },
  };
}

/** Sorted, so that what is cut off is the oldest, whatever the clocks of other machines say. */
function addRequest({ sentAt, throttledUntil, learned }: BudgetState): Document {
  const others = Object.entries({ throttledUntil, learned }).map(([name, value]) => [`value.${name}`, value]);
  const absent = others.filter(([, value]) => value === undefined);
  return {
    $push: { "value.sentAt": { $each: sentAt.slice(-1), $sort: 1, $slice: -sentAt.length } },
    $set: Object.fromEntries(others.filter(([, value]) => value !== undefined)),
    // Servers before MongoDB 5.0 refuse one that is empty.
    ...(absent.length > 0 && { $unset: Object.fromEntries(absent) }),
  };
}
