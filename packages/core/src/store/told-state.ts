import { randomUUID } from "node:crypto";
import { MongoServerError } from "mongodb";
import type { StoreAccess } from "./open-store.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

/** Longer than a delivery may take. The claim of a process that was killed ends after it. */
const claimMs = 5 * 60_000;

/** A notification about a subject: what the last one said, and what this one says. undefined: nothing. */
interface Telling {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The document is there, and is not what was looked for: it is claimed, or something else was told. */
function unlessDuplicate(error: unknown): { readonly matchedCount: 0; readonly upsertedCount: 0 } {
  if (error instanceof MongoServerError && error.code === 11000) {
    return { matchedCount: 0, upsertedCount: 0 };
  }
  throw error;
}

/**
 * What users were told last of each subject, such as `failing/threatfox`: in `etl_state`, one document per subject. Several processes can
 * share it: only one of them delivers.
 */
export function createToldState(store: StoreAccess, now = () => new Date()) {
  const state = stateOf(store);
  const idOf = (subject: string) => stateId("told", subject);

  /** Takes the right to deliver; false where another process has it, or has delivered. */
  async function claim(subject: string, from: string | undefined, by: string): Promise<boolean> {
    const at = now();
    const isFree = [{ claimed_until: null }, { claimed_until: { $lte: at } }, { claimed_by: by }];
    const claimed = { claimed_by: by, claimed_until: new Date(at.getTime() + claimMs) };
    return withStoreRetry(store, async () => {
      const { matchedCount, upsertedCount } = await state
        .updateOne(
          { _id: idOf(subject), told: from ?? null, $or: isFree },
          { $set: claimed },
          { upsert: from === undefined },
        )
        .catch(unlessDuplicate);
      return matchedCount + upsertedCount > 0;
    });
  }

  function endClaim(subject: string, by: string, told: Readonly<Record<string, unknown>> = {}) {
    const change = { ...told, claimed_by: null, claimed_until: null };
    return withStoreRetry(store, () =>
      state.updateOne({ _id: idOf(subject), claimed_by: by }, { $set: change }),
    );
  }

  return {
    /** What users were told last; undefined where it was nothing, or is over. */
    async read(subject: string): Promise<string | undefined> {
      const found = await withStoreRetry(store, () => state.findOne({ _id: idOf(subject) }));
      return typeof found?.told === "string" ? found.told : undefined;
    },
    /**
     * Delivers, and remembers it. If that fails, nothing is remembered, so that the next call tries again.
     *
     * @returns false where another process delivers or has delivered: then `deliver` was not called
     * @throws what `deliver` throws; StoreError where the database fails
     */
    async tell(subject: string, { from, to }: Telling, deliver: () => Promise<void>): Promise<boolean> {
      const by = randomUUID();
      if (!(await claim(subject, from, by))) {
        return false;
      }
      try {
        await deliver();
      } catch (error) {
        // It ends by itself, too.
        await endClaim(subject, by).catch(() => undefined);
        throw error;
      }
      await endClaim(subject, by, { told: to ?? null, told_at: now() });
      return true;
    },
  };
}
