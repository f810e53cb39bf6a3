import type { Store } from "./open-store.js";
import { type WatchDatabaseOptions, watchDatabase } from "./watch-database.js";
import { asStoreError } from "./with-store-retry.js";

/**
 * Asks the database, and watches it meanwhile. When nothing waits for it any longer the store is closed, which fails whatever still
 * waits for an answer: `use` then has a second to clean up.
 *
 * @throws what `use` throws, an error of the driver as a StoreError that explains it; StoreError if the database does not
 * answer; GraceOverError after an interruption
 */
export async function useStore<Result>(
  store: Store,
  options: WatchDatabaseOptions,
  use: () => Promise<Result>,
): Promise<Result> {
  const watch = watchDatabase(store, options);
  const { gaveUp } = watch;
  gaveUp.addEventListener("abort", () => void store.close().catch(() => undefined), { once: true });
  try {
    const result = await watch.wrapUp(use());
    gaveUp.throwIfAborted();
    return result;
  } catch (error) {
    gaveUp.throwIfAborted();
    throw asStoreError(error, store);
  } finally {
    watch.stop();
  }
}
