import type { Store } from "./open-store.js";

/** Holds checkpoints, request budgets, leases, what users were notified of, and the shapes of collections; the kind is the first part of `_id`. */
const stateCollection = "etl_state";

interface StateDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

export function stateOf({ database }: Pick<Store, "database">) {
  return database.collection<StateDocument>(stateCollection);
}

/** The kind, and what it belongs to. */
export function stateId(
  kind: "checkpoint" | "budget" | "lease" | "notification" | "shape",
  ...parts: readonly string[]
): string {
  return [kind, ...parts].join("/");
}
