import { z } from "zod";
import { typeOfStixId, versionDocumentId } from "../documents/document-id.js";
import { parseTimestamp } from "../documents/timestamps.js";
import { taxiiStep } from "../session/taxii-session.js";
import { findRemoval } from "../stored/find-removal.js";
import { findUnlistedManifests } from "../stored/listings.js";
import { isManifestRecord, type ManifestRecord } from "../taxii/manifest-record.js";
import { beginLoad, savedLoad } from "./begin-load.js";
import { forgetOtherLoad, loadEachCollection } from "./load-collections.js";
import { loadManifest } from "./load-manifest.js";

const record = z.object({
  collection_id: z.string(),
  record: z.custom<ManifestRecord>(
    isManifestRecord,
    "expected a manifest record with id, date_added and version",
  ),
});

/** Stores what each collection lists, and marks what it lists no longer. */
export const manifestStep = taxiiStep({
  name: "manifest",
  summary: "which object versions each collection lists",
  needs: ["collections"],
  collection: "manifest",
  indexes: [{ "data.collection_id": 1 }, { "data.objects.id": 1 }],
  record,
  findRemoval,
  checkpoint: savedLoad,
  async *extract(context) {
    const load = await beginLoad(context, {});
    const { session } = load;
    if (session.unread !== undefined) {
      return;
    }
    yield* forgetOtherLoad(load);
    // Bundles say nothing of the collections that they do not hold.
    if (session.release !== undefined && !session.limited && session.bundled === undefined) {
      const listed = [...session.listed.map(({ id }) => id), ...session.lacking.doubted];
      const listings = await findUnlistedManifests(session.store, listed);
      if (listings.length > 0) {
        yield { records: [], listings };
      }
    }
    yield* loadEachCollection(load, (id) => loadManifest(load, id));
  },
  transform({ collection_id, record }) {
    return {
      _id: versionDocumentId(collection_id, record.id, record.version),
      data: { collection_id, objects: [record] },
      enriched: {
        type: typeOfStixId(record.id),
        version: parseTimestamp(record.version),
        date_added: parseTimestamp(record.date_added),
      },
    };
  },
});
