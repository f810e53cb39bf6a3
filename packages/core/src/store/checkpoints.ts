import type { JsonValue } from "../json/json.js";
import type { StoreAccess } from "./open-store.js";
import type { DataRedactor } from "./redact-data.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

/** Where the steps of one connector went on to. */
export interface Checkpoints {
  /** What was saved last; undefined where nothing was. The step validates it. */
  load(step: string): Promise<unknown>;
  save(step: string, value: JsonValue, saved: { readonly runId: string; readonly at: Date }): Promise<void>;
  /** Deletes the checkpoints of these steps; absent: all of this connector. */
  forget(steps?: readonly string[]): Promise<void>;
}

/** Checkpoints in `etl_state`, one document per step. They are kept as JSON text: any key is allowed and a value comes back as it was. */
export function createCheckpoints(
  store: StoreAccess,
  connector: string,
  steps: readonly string[],
  redactor: Pick<DataRedactor, "json">,
): Checkpoints {
  const state = stateOf(store);
  const idOf = (step: string) => stateId("checkpoint", connector, step);

  return {
    async load(step) {
      const found = await withStoreRetry(store, () => state.findOne({ _id: idOf(step) }));
      return typeof found?.value === "string" ? parseJson(found.value) : undefined;
    },
    async save(step, value, { runId, at }) {
      const text = JSON.stringify(redactor.json(value));
      const saved = { connector, step, value: text, run_id: runId, saved_at: at };
      await withStoreRetry(store, () =>
        state.updateOne({ _id: idOf(step) }, { $set: saved }, { upsert: true }),
      );
    },
    async forget(forgotten = steps) {
      await withStoreRetry(store, () => state.deleteMany({ _id: { $in: forgotten.map(idOf) } }));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
