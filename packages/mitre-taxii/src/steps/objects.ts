import type { Facts, RestorableDocument, StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { objectDocument } from "../documents/object-document.js";
import { reconcileObject } from "../documents/reconcile-releases.js";
import { relationshipEnds } from "../documents/relationship-ends.js";
import { isCheckDue } from "../freshness/complete-load.js";
import { taxiiStep } from "../session/taxii-session.js";
import { findRemoval } from "../stored/find-removal.js";
import { objectIndexes } from "../stored/indexes.js";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";
import { beginLoad, type Load, savedLoad } from "./begin-load.js";
import { loadChangedCollections } from "./load-collections.js";
import { loadObjects } from "./load-objects.js";

const record = z.object({
  collection_id: z.string(),
  /** The release that was asked for, if one was. */
  release: z.string().optional(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
  ends: relationshipEnds.optional(),
});

/** Stores the objects of each collection, and marks those that it lists no longer. */
export const objectsStep = taxiiStep({
  name: "objects",
  summary: "the STIX objects of each collection",
  needs: ["collections"],
  collection: "objects",
  indexes: objectIndexes,
  record,
  checkpoint: savedLoad,
  async *extract(context) {
    const load = await beginLoad(context, {
      contents: context.config.MITRE_MAX_CONTENTS ?? null,
      ignores_id: false,
    });
    warnOfUnlisted(load);
    yield* loadChangedCollections(load, {
      loads: "objects",
      // An empty manifest may be one that the server does not keep.
      provesUnchanged: (known) =>
        known === undefined || known.count > 0 || !isCheckDue(load.session, known.checked_at),
      load: (collection) => loadObjects(load, collection),
      factsOf: (id) => countFacts(context.store, id),
    });
  },
  transform: (received, { config }) => objectDocument(received, config),
  reconcile: reconcileObject,
  findRemoval,
  restore: {
    version: 1,
    adds: "objects by name or alias, and the names of what relationships join",
    record: restoreRecord,
  },
});

const storedObject = z.object({
  data: z.object({ collection_id: z.string(), objects: z.tuple([z.unknown()]) }),
  enriched: relationshipEnds,
});

function restoreRecord(document: RestorableDocument) {
  const { data, enriched } = storedObject.parse(document);
  const { source, target } = enriched;
  const hasEnds = source !== undefined || target !== undefined;
  return { collection_id: data.collection_id, object: data.objects[0], ...(hasEnds && { ends: enriched }) };
}

function warnOfUnlisted({ session, complete }: Load): void {
  for (const [id, { count }] of session.unread ? [] : Object.entries(complete)) {
    if (count > 0 && session.listed.every((collection) => collection.id !== id)) {
      session.log.warn(
        { collection: id, stored: count },
        `the API root no longer lists ${id}: its stored documents stay unchanged, marked as listed`,
      );
    }
  }
}

const flagged = z.object({
  enriched: z.object({ revoked: z.boolean().default(false), deprecated: z.boolean().default(false) }),
});

/** Figures of what the collection lists now. All of it is gone through once for both. */
async function countFacts(store: StoreReader, id: string): Promise<Facts> {
  const isEither = { $or: [{ "enriched.revoked": true }, { "enriched.deprecated": true }] };
  const filter = { "data.collection_id": id, removed_at: null, ...isEither };
  const projection = { _id: 0, "enriched.revoked": 1, "enriched.deprecated": 1 } as const;
  const facts = { revoked: 0, deprecated: 0 };
  for await (const document of store.find("objects", filter, { projection })) {
    const { enriched } = flagged.parse(document);
    facts.revoked += enriched.revoked ? 1 : 0;
    facts.deprecated += enriched.deprecated ? 1 : 0;
  }
  return facts;
}
