import { canonicalText, listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, versionOf } from "../documents/document-id.js";
import {
  asRelationship,
  describeEnds,
  detectionRefs,
  endOf,
  leadsToComponents,
  type Relationship,
  type RelationshipEnd,
  type RelationshipEnds,
} from "../documents/relationship-ends.js";
import { parseTimestamp } from "../documents/timestamps.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";

/** Finds what the ends of relationships are called. One for each step, since it remembers what it has seen. */
export interface EndsReader {
  /**
   * Finds the ends of the relationships of a page: among the objects of the same page, of earlier ones, and of those stored. Ends that come
   * later are absent.
   *
   * @param areListed whether these are the objects that the upstream lists now: their names count more than those stored
   * @returns what is known, by relationship
   */
  readPage(
    collectionId: string,
    entries: readonly unknown[],
    areListed: boolean,
  ): Promise<ReadonlyMap<unknown, RelationshipEnds>>;
  /** Finds the ends of relationships among what is stored; undefined where neither is. */
  readStored(
    collectionId: string,
    relationships: readonly Relationship[],
  ): Promise<readonly (RelationshipEnds | undefined)[]>;
}

/** An object, in the version that names it. */
interface NamedObject {
  readonly end: RelationshipEnd;
  /** 2: listed now; 1: stored as listed; 0: of an earlier release, or withdrawn. */
  readonly rank: 0 | 1 | 2;
  /** In milliseconds; 0 where the version is no time. */
  readonly version: number;
}

/** More objects than this are looked up in the database again. */
const mostRemembered = 20_000;

type Naming = Pick<TaxiiSession, "store" | "naming">;

/**
 * @param session its `naming` is no longer settled when an object gets another name than a stored relationship may have, or comes too late for
 *   a detection
 */
export function createEndsReader(session: Naming): EndsReader {
  const names = createNames(session);

  async function resolve(collectionId: string, relationships: readonly Relationship[]) {
    const find = (id: string) => names.find(collectionId, id);
    const refsOf = (ids: readonly string[]) => ids.flatMap((id) => find(id)?.refs ?? []);
    await names.lookUp(
      collectionId,
      relationships.flatMap(({ source_ref, target_ref }) => [source_ref, target_ref]),
    );
    const detections = relationships.filter(({ relationship_type }) => relationship_type === "detects");
    const analytics = refsOf(detections.map(({ source_ref }) => source_ref));
    await names.lookUp(collectionId, analytics);
    await names.lookUp(collectionId, refsOf(analytics));
    return relationships.map((relationship) => describeEnds(relationship, find));
  }

  return {
    async readStored(collectionId, relationships) {
      names.forgetIfMany();
      return resolve(collectionId, relationships);
    },
    async readPage(collectionId, entries, areListed) {
      names.forgetIfMany();
      const objects = entries.filter(isStixObject);
      const others = objects.filter(({ type }) => type !== "relationship");
      if (!areListed) {
        await names.lookUp(
          collectionId,
          others.map(({ id }) => id),
        );
      }
      for (const object of others) {
        names.note(keyOf(collectionId, object.id), namedObject(object, areListed ? 2 : 0));
      }
      const relationships = objects.flatMap((object) => {
        const relationship = asRelationship(object);
        return relationship === undefined ? [] : [{ ...relationship, object }];
      });
      const ends = await resolve(collectionId, relationships);
      return new Map(
        relationships.flatMap(({ object }, index) => {
          const known = ends[index];
          return known === undefined ? [] : [[object, known]];
        }),
      );
    },
  };
}

/** What objects are called, as far as that was looked up. */
function createNames({ store, naming }: Naming) {
  /** By collection and id; undefined: neither stored nor seen when it was looked up. */
  const seen = new Map<string, NamedObject | undefined>();
  /** By collection: whether the store may hold objects of it that are not among the seen ones. */
  const mayHoldOthers = new Map<string, boolean>();
  let hasForgotten = false;

  /** Asked of a new collection, it finds nothing, and what is stored later was seen. */
  async function mayFind(collectionId: string): Promise<boolean> {
    const known = mayHoldOthers.get(collectionId);
    const may = known ?? (await store.exists("objects", { "data.collection_id": collectionId }));
    mayHoldOthers.set(collectionId, may);
    return may || hasForgotten;
  }

  return {
    find: (collectionId: string, id: string) => seen.get(keyOf(collectionId, id))?.end,

    /** Takes over an object of a page. */
    note(key: string, object: NamedObject): void {
      const known = seen.get(key);
      if (known !== undefined && !namesRather(object, known)) {
        return;
      }
      const isLate = known === undefined && seen.has(key) && leadsToComponents(object.end);
      if (isLate || (known !== undefined && canonicalText(known.end) !== canonicalText(object.end))) {
        naming.isSettled = false;
      }
      seen.set(key, object);
    },

    /** Looks up what is not known yet. */
    async lookUp(collectionId: string, ids: Iterable<string>): Promise<void> {
      const unknown = [...new Set(ids)].filter((id) => !seen.has(keyOf(collectionId, id)));
      const sought = unknown.length > 0 && (await mayFind(collectionId)) ? unknown : [];
      for (const some of listsOfIds(sought)) {
        for await (const { id, ...object } of findObjects(store, collectionId, some)) {
          const key = keyOf(collectionId, id);
          const known = seen.get(key);
          seen.set(key, known === undefined || namesRather(object, known) ? object : known);
        }
      }
      for (const key of unknown.map((id) => keyOf(collectionId, id))) {
        seen.set(key, seen.get(key));
      }
    },

    forgetIfMany(): void {
      if (seen.size > mostRemembered) {
        seen.clear();
        hasForgotten = true;
        naming.isSettled = false;
      }
    },
  };
}

function keyOf(collectionId: string, id: string): string {
  return `${collectionId}/${id}`;
}

/** Whether an object names the one with its id, and not another version that is known of it. */
function namesRather(object: NamedObject, known: NamedObject): boolean {
  if (object.rank !== known.rank) {
    return object.rank > known.rank;
  }
  return object.version > known.version || (object.rank === 2 && object.version === known.version);
}

function namedObject(object: StixObject, rank: NamedObject["rank"]): NamedObject {
  return { end: endOf(object), rank, version: timeOf(versionOf(object)) };
}

function timeOf(version: string): number {
  return parseTimestamp(version)?.getTime() ?? 0;
}

const storedObject = z.object({
  _id: z.string(),
  removed_at: z.date().nullish(),
  data: z.object({ objects: z.tuple([z.unknown()]) }).optional(),
  enriched: z.object({ attack_id: z.string().optional(), name: z.string().optional(), type: z.string() }),
});

const projection = {
  _id: 1,
  removed_at: 1,
  "enriched.attack_id": 1,
  "enriched.name": 1,
  "enriched.type": 1,
  "data.objects.x_mitre_analytic_refs": 1,
  "data.objects.x_mitre_log_source_references.x_mitre_data_component_ref": 1,
} as const;

/** All stored versions of some objects of a collection. */
async function* findObjects(store: StoreReader, collectionId: string, ids: readonly string[]) {
  for await (const document of store.find("objects", { "data.objects.id": { $in: ids } }, { projection })) {
    const found = storedObject.safeParse(document).data;
    const parsed = found && parseVersionDocumentId(collectionId, found._id);
    if (found === undefined || parsed === undefined) {
      continue;
    }
    const { attack_id, name, type } = found.enriched;
    const isListed = (found.removed_at ?? null) === null;
    yield {
      id: parsed.objectId,
      end: { attack_id, name, type, refs: detectionRefs(found.data?.objects[0]) },
      rank: isListed ? (1 as const) : (0 as const),
      version: timeOf(parsed.version),
    };
  }
}
