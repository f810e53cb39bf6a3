import type { Store } from "./open-store.js";

/** Holds checkpoints, request budgets and leases; the kind is the first part of `_id`. */
const stateCollection = "etl_state";

interface StateDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

export function stateOf({ database }: Pick<Store, "database">) {
  return database.collection<StateDocument>(stateCollection);
}

/** `checkpoint`, `budget` or `lease`, and what it belongs to. */
export function stateId(kind: "checkpoint" | "budget" | "lease", ...parts: readonly string[]): string {
  return [kind, ...parts].join("/");
}
