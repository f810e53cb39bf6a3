import type { StoreReader } from "@cti-connectors/core";
import type { SourceCollection } from "@cti-connectors/taxii-server";
import { z } from "zod";

type Filter = Readonly<Record<string, unknown>>;

/** What an API root serves of the stored ATT&CK. */
export interface AttackContent {
  /** Such as `18.1`. Absent: what the upstream lists now. */
  readonly release?: string;
  /** By TAXII collection, the filter for its objects. */
  readonly filters: ReadonlyMap<string, Filter>;
}

export interface StoredAttack {
  /** By the path of the API root. Empty where no ATT&CK is stored. */
  readonly contents: ReadonlyMap<string, AttackContent>;
  /** Titles and descriptions of TAXII collections, as the upstream has them. */
  readonly collections: ReadonlyMap<string, SourceCollection>;
}

const isCurrent: Filter = { removed_at: null };

/** Reads what API roots can serve: what is current, and the releases of which all objects are noted as theirs, oldest first. */
export async function readStoredAttack(store: StoreReader): Promise<StoredAttack> {
  const collections = await readCollections(store);
  const { current, releases } = await readReleases(store);
  for (const id of collections.keys()) {
    if (!current.has(id) && (await store.exists("objects", { "data.collection_id": id, ...isCurrent }))) {
      current.set(id, isCurrent);
    }
  }
  const pinned = [...releases].sort(([one], [other]) => byNumber.compare(one, other));
  const contents = new Map<string, AttackContent>();
  if (current.size > 0) {
    contents.set("/api/v21/", { filters: current });
  }
  for (const [release, filters] of pinned) {
    contents.set(`/api/v21/attack-${release}/`, { release, filters });
  }
  return { contents, collections };
}

const listing = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      title: z.string().optional().catch(undefined),
      description: z.string().optional().catch(undefined),
    }),
  ),
});

async function readCollections(store: StoreReader): Promise<ReadonlyMap<string, SourceCollection>> {
  const found = new Map<string, SourceCollection>();
  const projection = { data: 1 } as const;
  for await (const document of store.find("collections", { removed_at: null }, { projection })) {
    for (const { id, title = id, description } of listing.safeParse(document).data?.data ?? []) {
      found.set(id, { id, title, ...(description !== undefined && { description }) });
    }
  }
  return found;
}

const collectionObject = z.object({
  data: z.object({ collection_id: z.string() }),
  removed_at: z.date().nullable(),
  enriched: z.object({
    attack_version: z.string().optional(),
    releases: z.array(z.string()).default([]),
  }),
});

/** Without its list of contents, which has tens of thousands of entries. */
const projection = {
  "data.collection_id": 1,
  removed_at: 1,
  "enriched.attack_version": 1,
  "enriched.releases": 1,
} as const;

const byNumber = new Intl.Collator("en", { numeric: true });

/** The releases that `x-mitre-collection` objects stand for. Loads of the current release alone do not note that objects are of it. */
async function readReleases(store: StoreReader) {
  const current = new Map<string, Filter>();
  const releases = new Map<string, Map<string, Filter>>();
  const add = (release: string, id: string, filter: Filter) =>
    releases.set(release, (releases.get(release) ?? new Map()).set(id, filter));
  for await (const document of store.find(
    "objects",
    { "enriched.type": "x-mitre-collection" },
    { projection },
  )) {
    const { data } = collectionObject.safeParse(document);
    if (data === undefined) {
      continue;
    }
    const { collection_id } = data.data;
    const { attack_version, releases: noted } = data.enriched;
    for (const release of noted) {
      add(release, collection_id, { "enriched.releases": release });
    }
    if (data.removed_at === null) {
      current.set(collection_id, isCurrent);
      if (attack_version !== undefined) {
        add(attack_version, collection_id, isCurrent);
      }
    }
  }
  return { current, releases };
}
