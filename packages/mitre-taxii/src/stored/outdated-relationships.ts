import { canonicalText, listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import {
  leadsToComponents,
  type RelationshipEnds,
  relationshipEnds,
} from "../documents/relationship-ends.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { createEndsReader, type EndsReader } from "./read-ends.js";

/** A stored relationship as a record, with its ends as they are stored now. */
export interface OutdatedRelationship {
  readonly collection_id: string;
  readonly object: unknown;
  readonly ends?: RelationshipEnds;
}

/** `unnamed`: those that lack the ATT&CK id of an end; a time: those that were stored since then, or whose ends were. */
export type Candidates = "all" | "unnamed" | Date;

/** Relationships that are compared at once. */
const pageSize = 5_000;

/**
 * Relationships that do not say of their ends what is stored of these, page by page.
 *
 * @param candidates those that are compared
 */
export async function* readOutdatedRelationships(
  session: Pick<TaxiiSession, "store" | "naming">,
  candidates: Candidates,
): AsyncGenerator<readonly OutdatedRelationship[]> {
  const { store } = session;
  const reader = createEndsReader(session);
  const page = new Map<string, StoredRelationship>();
  for await (const found of findCandidates(store, candidates)) {
    page.set(found._id, found);
    if (page.size === pageSize) {
      yield* readOutdatedOf(store, reader, [...page.values()]);
      page.clear();
    }
  }
  yield* readOutdatedOf(store, reader, [...page.values()]);
}

const storedRelationship = z.object({
  _id: z.string(),
  data: z.object({ collection_id: z.string() }),
  enriched: relationshipEnds.extend({
    type: z.literal("relationship"),
    relationship_type: z.string().optional(),
    source_ref: z.string(),
    target_ref: z.string(),
  }),
});
type StoredRelationship = z.output<typeof storedRelationship>;

const projection = {
  "data.collection_id": 1,
  "enriched.type": 1,
  "enriched.relationship_type": 1,
  "enriched.source_ref": 1,
  "enriched.target_ref": 1,
  "enriched.source": 1,
  "enriched.target": 1,
  "enriched.data_components": 1,
} as const;

/** May bring one twice. */
async function* findCandidates(
  store: StoreReader,
  candidates: Candidates,
): AsyncGenerator<StoredRelationship> {
  if (candidates === "unnamed") {
    const isRelationship = { "enriched.relationship_type": { $gt: "" } };
    yield* findRelationships(store, { "enriched.source.attack_id": null, ...isRelationship });
    yield* findRelationships(store, { "enriched.target.attack_id": null, ...isRelationship });
    return;
  }
  const changed = candidates === "all" ? undefined : await findChanged(store, candidates);
  if (changed === undefined) {
    yield* findRelationships(store, { "enriched.type": "relationship" });
    return;
  }
  yield* changed.relationships;
  for (const some of listsOfIds([...changed.ends])) {
    yield* findRelationships(store, { "enriched.source_ref": { $in: some } });
    yield* findRelationships(store, { "enriched.target_ref": { $in: some } });
  }
}

async function* findRelationships(
  store: StoreReader,
  filter: Readonly<Record<string, unknown>>,
): AsyncGenerator<StoredRelationship> {
  for await (const document of store.find("objects", filter, { projection })) {
    const { data } = storedRelationship.safeParse(document);
    if (data !== undefined) {
      yield data;
    }
  }
}

const storedObject = z.object({
  data: z.object({ objects: z.tuple([z.object({ id: z.string() })]) }),
  enriched: z.object({ type: z.string() }),
});

/** Where more objects than this changed, all relationships are compared. */
const mostChanged = 10_000;

interface Changed {
  readonly relationships: StoredRelationship[];
  /** Ids of objects. */
  readonly ends: Set<string>;
}

/**
 * What was stored since then.
 *
 * @returns undefined where that does not tell which relationships are concerned, or is too much
 */
async function findChanged(store: StoreReader, since: Date): Promise<Changed | undefined> {
  const changed: Changed = { relationships: [], ends: new Set() };
  const options = { projection: { ...projection, "data.objects.id": 1 } } as const;
  for await (const document of store.find("objects", { ingested_at: { $gte: since } }, options)) {
    const relationship = storedRelationship.safeParse(document).data;
    const object = storedObject.safeParse(document).data;
    if (relationship !== undefined) {
      changed.relationships.push(relationship);
    } else if (object !== undefined) {
      changed.ends.add(object.data.objects[0].id);
    }
    const isMuch = changed.relationships.length + changed.ends.size > mostChanged;
    if (isMuch || (object !== undefined && leadsToComponents(object.enriched))) {
      return undefined;
    }
  }
  return changed;
}

/** Yields nothing where all are as they should be. */
async function* readOutdatedOf(
  store: StoreReader,
  reader: EndsReader,
  relationships: readonly StoredRelationship[],
): AsyncGenerator<readonly OutdatedRelationship[]> {
  const outdated = new Map<string, RelationshipEnds | undefined>();
  for (const id of new Set(relationships.map(({ data }) => data.collection_id))) {
    const ofCollection = relationships.filter(({ data }) => data.collection_id === id);
    const ends = await reader.readStored(
      id,
      ofCollection.map(({ enriched }) => enriched),
    );
    for (const [index, { _id, enriched }] of ofCollection.entries()) {
      const now = ends[index];
      if (canonicalText(relationshipEnds.parse(enriched)) !== canonicalText(now ?? {})) {
        outdated.set(_id, now);
      }
    }
  }
  const records = await readRecords(store, outdated);
  if (records.length > 0) {
    yield records;
  }
}

const storedContent = z.object({
  _id: z.string(),
  data: z.object({ collection_id: z.string(), objects: z.tuple([z.unknown()]) }),
});

async function readRecords(
  store: StoreReader,
  outdated: ReadonlyMap<string, RelationshipEnds | undefined>,
): Promise<readonly OutdatedRelationship[]> {
  const records: OutdatedRelationship[] = [];
  for (const _ids of listsOfIds([...outdated.keys()])) {
    for await (const document of store.find("objects", { _id: { $in: _ids } }, { projection: { data: 1 } })) {
      const { _id, data } = storedContent.parse(document);
      const ends = outdated.get(_id);
      const { collection_id, objects } = data;
      records.push({ collection_id, object: objects[0], ...(ends && { ends }) });
    }
  }
  return records;
}
