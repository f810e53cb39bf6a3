import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const text = z.string().nullable().catch(null);

const document = z.object({
  enriched: z.object({
    indicator: z.object({ type: text }).catch({ type: null }),
    malware: text,
    malware_name: text,
    first_seen: z.date(),
  }),
});

/** What counts need of an IOC. */
export interface RecentIoc {
  readonly type: string | null;
  /** Malpedia key. */
  readonly malware: string | null;
  readonly malware_name: string | null;
  readonly first_seen: Date;
}

const projection = {
  _id: 0,
  "enriched.indicator.type": 1,
  "enriched.malware": 1,
  "enriched.malware_name": 1,
  "enriched.first_seen": 1,
} as const;

/** The IOCs that were first seen since a time, until another. Reads these alone, by an index, and few fields of each. */
export async function* readRecentIocs(
  store: StoreReader,
  collection: string,
  { since, until }: { readonly since: Date; readonly until: Date },
): AsyncGenerator<RecentIoc, void, undefined> {
  const filter = { "enriched.first_seen": { $gte: since, $lte: until } };
  for await (const stored of store.find(collection, filter, { projection })) {
    const { indicator, ...fields } = document.parse(stored).enriched;
    yield { ...fields, type: indicator.type };
  }
}
