import { defineStep } from "@cti-connectors/core";
import { z } from "zod";
import { listingsOf } from "./build-listings.js";
import { versionDocumentId } from "./document-id.js";
import { startManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { pageCursor } from "./page-cursor.js";
import { manifestPageLimit } from "./page-limit.js";
import { parseTimestamp } from "./parse-timestamp.js";
import { takeItems } from "./take-items.js";
import { isManifestRecord, type ManifestRecord } from "./taxii/manifest-record.js";
import { openSession } from "./taxii-session.js";
import { typeOfStixId } from "./type-of-stix-id.js";

const record = z.object({
  collection_id: z.string(),
  record: z.custom<ManifestRecord>(
    isManifestRecord,
    "expected a manifest record with id, date_added and version",
  ),
});

/** Where an interrupted walk goes on; `null` after a finished one, for later steps need the manifest of their own run. */
const checkpoint = z
  .object({
    root: z.string(),
    limit: z.number(),
    saved_at: z.iso.datetime(),
    finished: z.array(z.string()),
    current: z.object({ collection: z.string(), cursor: pageCursor }).nullable(),
  })
  .nullable();

/** What a manifest listed longer ago says nothing about now: it is read again from its first page. */
const longestPauseMs = 60 * 60 * 1000;

/** Stores what each collection lists, and marks what it lists no longer. */
export const manifestStep = defineStep({
  name: "manifest",
  summary: "which object versions each collection lists",
  collections: (_config: MitreTaxiiConfig) => [
    {
      name: "manifest",
      indexes: [
        { key: { "data.collection_id": 1 } },
        { key: { "data.objects.id": 1 } },
        { key: { ingested_at: 1 } },
      ],
    },
  ],
  record,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    const { root, collections, manifests } = await openSession(context);
    const limit = manifestPageLimit(config);
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const saved = context.checkpoint;
    const resumed =
      !limited &&
      saved?.root === root.url &&
      saved.limit === limit &&
      context.now().getTime() - Date.parse(saved.saved_at) < longestPauseMs
        ? saved
        : undefined;
    const finished = new Set(resumed?.finished);
    for (const { id } of collections) {
      if (finished.has(id)) continue;
      const from = resumed?.current?.collection === id ? resumed.current.cursor : undefined;
      const builder = startManifestSnapshot(!limited && from === undefined);
      const walk = root.manifest(id, { limit, ...(from && { from }) });
      for await (const page of takeItems(walk, config.MITRE_MAX_OBJECTS)) {
        builder.add(page);
        const records = [...page.items, ...page.malformed].map((entry) => ({
          collection_id: id,
          record: entry,
        }));
        if (page.next === undefined) finished.add(id);
        const progress = {
          root: root.url,
          limit,
          saved_at: context.now().toISOString(),
          finished: [...finished],
          current: page.next === undefined ? null : { collection: id, cursor: { ...page.next } },
        };
        const snapshot = page.next === undefined ? builder.finish() : undefined;
        yield {
          records,
          ...(!limited && { checkpoint: progress }),
          ...(snapshot && { listings: listingsOf("manifest", id, snapshot) }),
        };
        if (signal.aborted) return;
        if (snapshot === undefined) continue;
        if (from === undefined) manifests.set(id, snapshot);
        if (snapshot.versions.size === 0 && from === undefined) {
          const stored = await store.count("manifest", { "data.collection_id": id, removed_at: null });
          if (stored > 0) {
            log.warn(
              { collection: id, stored },
              `the manifest of ${id} is empty, but ${stored} of its records are stored: nothing is marked as withdrawn`,
            );
          }
        }
      }
    }
    if (!limited) yield { records: [], checkpoint: null };
  },
  transform({ collection_id, record }) {
    return [
      {
        collection: "manifest",
        _id: versionDocumentId(collection_id, record.id, record.version),
        data: { collection_id, objects: [record] },
        enriched: {
          type: typeOfStixId(record.id),
          version: parseTimestamp(record.version),
          date_added: parseTimestamp(record.date_added),
        },
      },
    ];
  },
});
