import { z } from "zod";

/** What is remembered of a collection that one step has loaded as a whole. */
export const completeLoad = z.object({
  /** Version of the object that describes the release; `null` where the collection has none, or cannot be asked for it. */
  release: z.string().nullable(),
  /** Of a manifest that came as one page of `limit` records, where the server sends them. */
  validators: z
    .object({ etag: z.string().nullable(), last_modified: z.string().nullable(), limit: z.number() })
    .nullable(),
  /** The last date added, on a server that keeps dates of its own. */
  added_last: z.string().nullable(),
  /** Of the manifest that was loaded. */
  fingerprint: z.string(),
  /** Documents that were current after it. */
  count: z.number(),
  /** When the whole manifest was compared last. */
  checked_at: z.iso.datetime(),
  /** False while another load changes the documents: then only what is stored tells what is left to do. */
  settled: z.boolean(),
});
export type CompleteLoad = z.output<typeof completeLoad>;

/** Collection id → its last complete load. */
export const completeLoads = z.record(z.string(), completeLoad);
export type CompleteLoads = z.output<typeof completeLoads>;
