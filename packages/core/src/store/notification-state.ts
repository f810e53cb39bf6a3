import { randomUUID } from "node:crypto";
import { MongoServerError } from "mongodb";
import type { StoreAccess } from "./open-store.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

/** Longer than a delivery may take. The claim of a process that was killed ends after it. */
const claimMs = 5 * 60_000;

/** What the last notification about a subject said, and what this one says. undefined: nothing. */
interface NotificationChange {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The document exists, but does not match: it is claimed, or its last notification was another one. */
function unlessDuplicate(error: unknown): { readonly matchedCount: 0; readonly upsertedCount: 0 } {
  if (error instanceof MongoServerError && error.code === 11000) {
    return { matchedCount: 0, upsertedCount: 0 };
  }
  throw error;
}

/**
 * Records the last notification about each subject, such as `failing/threatfox`, in one document of `etl_state` per subject. Several
 * processes can share it: only one of them delivers a notification.
 */
export function createNotificationState(store: StoreAccess, now = () => new Date()) {
  const state = stateOf(store);
  const idOf = (subject: string) => stateId("notification", subject);

  /** Takes the right to deliver; false if another process has it, or has delivered. */
  async function claim(subject: string, from: string | undefined, by: string): Promise<boolean> {
    const at = now();
    const isFree = [{ claimed_until: null }, { claimed_until: { $lte: at } }, { claimed_by: by }];
    const claimed = { claimed_by: by, claimed_until: new Date(at.getTime() + claimMs) };
    return withStoreRetry(store, async () => {
      const { matchedCount, upsertedCount } = await state
        .updateOne(
          { _id: idOf(subject), notified: from ?? null, $or: isFree },
          { $set: claimed },
          { upsert: from === undefined },
        )
        .catch(unlessDuplicate);
      return matchedCount + upsertedCount > 0;
    });
  }

  function endClaim(subject: string, by: string, delivered: Readonly<Record<string, unknown>> = {}) {
    const change = { ...delivered, claimed_by: null, claimed_until: null };
    return withStoreRetry(store, () =>
      state.updateOne({ _id: idOf(subject), claimed_by: by }, { $set: change }),
    );
  }

  return {
    /** What the last notification said; undefined if there was none, or if it said that the episode is over. */
    async read(subject: string): Promise<string | undefined> {
      const found = await withStoreRetry(store, () => state.findOne({ _id: idOf(subject) }));
      return typeof found?.notified === "string" ? found.notified : undefined;
    },
    /**
     * Delivers a notification and records it. If the delivery fails, nothing is recorded, so that the next call tries again.
     *
     * @returns false if another process is delivering it or has delivered it: `deliver` was not called
     * @throws what `deliver` throws; StoreError if the database fails
     */
    async notify(
      subject: string,
      { from, to }: NotificationChange,
      deliver: () => Promise<void>,
    ): Promise<boolean> {
      const by = randomUUID();
      if (!(await claim(subject, from, by))) {
        return false;
      }
      try {
        await deliver();
      } catch (error) {
        // If this fails, the claim expires.
        await endClaim(subject, by).catch(() => undefined);
        throw error;
      }
      await endClaim(subject, by, { notified: to ?? null, notified_at: now() });
      return true;
    },
  };
}
