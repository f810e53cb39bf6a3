import { z } from "zod";
import type { StoreAccess } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import { shortenText } from "../text/one-line.js";
import { type RejectedRecord, rejectedCollection } from "./quarantine.js";

const longestExcerpt = 200;

/** A record in quarantine, for people. */
const rejectedEntry = z
  .object({
    _id: z.string(),
    connector: z.string(),
    step: z.string(),
    reason: z.string(),
    raw: z.string(),
    raw_length: z.number(),
    incomplete: z.boolean().optional(),
    first_seen_at: z.date(),
    last_seen_at: z.date(),
    times: z.number(),
  })
  .transform((record) => ({
    /** `_id` in `etl_rejected`. */
    id: record._id,
    connector: record.connector,
    step: record.step,
    reason: record.reason,
    firstSeenAt: record.first_seen_at,
    lastSeenAt: record.last_seen_at,
    /** How often it was rejected. */
    times: record.times,
    /** The beginning of the record as received. */
    excerpt: shortenText(record.raw, longestExcerpt),
    /** Whether the whole record is kept, so that it can be tried again. */
    isWhole: isWhole(record),
  }));

interface ListRejectedOptions {
  readonly store: StoreAccess;
  /** Names; absent: all, and those that this program does not know, too. */
  readonly connectors?: readonly string[] | undefined;
  /** The maximum number to return, latest first. Default: all. */
  readonly limit?: number | undefined;
}

export interface RejectedList {
  /** How many there are, whatever the limit. */
  readonly total: number;
  readonly records: readonly Readonly<z.output<typeof rejectedEntry>>[];
}

/**
 * Lists the quarantine. Writes nothing.
 *
 * @throws StoreError where the database fails
 */
export async function listRejected({ store, connectors, limit }: ListRejectedOptions): Promise<RejectedList> {
  const collection = store.database.collection<RejectedRecord>(rejectedCollection);
  const filter = connectors === undefined ? {} : { connector: { $in: [...connectors] } };
  return withStoreRetry(store, async () => {
    const total = await collection.countDocuments(filter);
    const found = await collection
      .find(filter)
      .sort({ last_seen_at: -1, _id: 1 })
      .limit(limit ?? 0)
      .toArray();
    // A document that is not one of ours is left out.
    return { total, records: found.flatMap((record) => rejectedEntry.safeParse(record).data ?? []) };
  });
}

/** Whether a record can be made of what was kept of it. */
export function isWhole({
  raw,
  raw_length,
  incomplete = false,
}: Pick<RejectedRecord, "raw" | "raw_length"> & { readonly incomplete?: boolean | undefined }): boolean {
  return !incomplete && raw.length === raw_length;
}
