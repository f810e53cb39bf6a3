import type { CheckpointValue } from "../connector/connector.js";
import { jsonIn } from "../json/json.js";
import { deleteByIds } from "./delete-by-ids.js";
import type { StoreAccess } from "./open-store.js";
import type { DataRedactor } from "./redact-data.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

export type Checkpoints = ReturnType<typeof createCheckpoints>;

/**
 * Where the steps of one connector went on to: in `etl_state`, one document per step. Checkpoints are kept as JSON text: any key is
 * allowed and a value comes back as it was.
 */
export function createCheckpoints(
  store: StoreAccess,
  connector: string,
  steps: readonly string[],
  redactor: Pick<DataRedactor, "json">,
) {
  const state = stateOf(store);
  const idOf = (step: string) => stateId("checkpoint", connector, step);

  return {
    /** What was saved last; undefined where nothing was. The step validates it. */
    async load(step: string): Promise<unknown> {
      const found = await withStoreRetry(store, () => state.findOne({ _id: idOf(step) }));
      return typeof found?.value === "string" ? jsonIn(found.value) : undefined;
    },
    async save(
      step: string,
      value: CheckpointValue,
      { runId, at }: { readonly runId: string; readonly at: Date },
    ): Promise<void> {
      const text = JSON.stringify(redactor.json(value));
      const saved = { connector, step, value: text, run_id: runId, saved_at: at };
      await withStoreRetry(store, () =>
        state.updateOne({ _id: idOf(step) }, { $set: saved }, { upsert: true }),
      );
    },
    /** Deletes the checkpoints of these steps; absent: all of this connector. */
    async forget(forgotten = steps): Promise<void> {
      await deleteByIds(store, state.collectionName, forgotten.map(idOf));
    },
  };
}
