import { defineStep, type ExtractedPage } from "@cti-connectors/core";
import { z } from "zod";
import { walkAdapting } from "./adapt-page-size.js";
import { countCurrent, isStored, isUnchanged } from "./assess-collection.js";
import { listingsOf } from "./build-listings.js";
import { type CompleteLoads, completeLoads } from "./complete-load.js";
import { versionDocumentId } from "./document-id.js";
import { findRemoval } from "./find-removal.js";
import { findUnlistedManifests } from "./find-unlisted-manifests.js";
import {
  absentManifest,
  confirmManifest,
  type ManifestSnapshot,
  startManifestSnapshot,
} from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { savedPageLimits } from "./page-limits.js";
import { parseTimestamp } from "./parse-timestamp.js";
import { rememberLoad } from "./remember-load.js";
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

const checkpoint = z.object({
  root: z.string(),
  complete: completeLoads,
  page_limits: savedPageLimits.default(null),
});
type Progress = z.output<typeof checkpoint>;

/** Stores what each collection lists, and marks what it lists no longer. */
export const manifestStep = defineStep({
  name: "manifest",
  summary: "which object versions each collection lists",
  collections: (_config: MitreTaxiiConfig) => [
    {
      name: "manifest",
      indexes: [{ key: { "data.collection_id": 1 } }, { key: { "data.objects.id": 1 } }],
    },
  ],
  record,
  findRemoval,
  checkpoint,
  async *extract(context) {
    const { config, log, signal, store } = context;
    const session = await openSession(context);
    const { root, collections, manifests, limits } = session;
    limits.recall(context.checkpoint?.page_limits);
    const limited = config.MITRE_MAX_OBJECTS !== undefined;
    const saved = !limited && context.checkpoint?.root === root.url ? context.checkpoint : undefined;
    const complete: CompleteLoads = { ...saved?.complete };
    const progress = () => ({
      checkpoint: { root: root.url, complete: { ...complete }, page_limits: limits.save() },
    });

    async function* readManifest(
      id: string,
      wasThere: boolean,
    ): AsyncGenerator<ExtractedPage<Progress>, ManifestSnapshot> {
      try {
        return yield* walkManifest(id);
      } catch (error) {
        const manifest = absentManifest(id, error, { limit: limits.of("manifest", id).limit, wasThere });
        log.info({ collection: id, reason: manifest.absence }, `${id} has no manifest`);
        return manifest;
      }
    }

    function walkManifest(id: string): AsyncGenerator<ExtractedPage<Progress>, ManifestSnapshot> {
      const adapting = {
        root,
        limits,
        log,
        pages: "manifest",
        collectionId: id,
        remember: () => (limited ? undefined : { records: [], ...progress() }),
      } as const;
      return walkAdapting(adapting, undefined, async function* (request) {
        const builder = startManifestSnapshot(id, request.limit, !limited);
        if (signal.aborted) return builder.finish();
        for await (const page of takeItems(root.manifest(id, request), config.MITRE_MAX_OBJECTS)) {
          builder.add(page);
          yield {
            records: [...page.items, ...page.malformed].map((entry) => ({
              collection_id: id,
              record: entry,
            })),
          };
          if (signal.aborted) break;
        }
        return builder.finish();
      });
    }

    if (context.checkpoint !== undefined && saved === undefined) {
      yield { records: [], ...progress() };
      if (signal.aborted) return;
    }
    if (session.release !== undefined && !limited) {
      const listings = await findUnlistedManifests(store, session.listed);
      if (listings.length > 0) yield { records: [], listings };
      if (signal.aborted) return;
    }
    for (const { id } of collections) {
      const known = complete[id];
      if (
        known !== undefined &&
        (await isStored(context, "manifest", id, known)) &&
        (await isUnchanged(context, session, id, known))
      ) {
        log.info({ collection: id }, `${id} still holds the release that is stored: nothing to do`);
        continue;
      }
      if (known !== undefined) {
        complete[id] = { ...known, settled: false };
        yield { records: [], ...progress() };
        if (signal.aborted) return;
      }
      let manifest = yield* readManifest(id, known !== undefined);
      if (signal.aborted) return;
      if (manifest.mayHaveSkipped) {
        log.warn({ collection: id }, `an answer of the manifest of ${id} was lost: it is read again`);
        manifest = confirmManifest(manifest, yield* walkManifest(id));
        if (signal.aborted) return;
      }
      manifests.set(id, manifest);
      if (limited) continue;
      yield { records: [], listings: listingsOf("manifest", id, manifest) };
      if (signal.aborted) return;
      const count = await countCurrent(store, "manifest", id);
      if (manifest.versions.size === 0 && manifest.absence === undefined && count > 0) {
        log.warn(
          { collection: id, stored: count },
          `the manifest of ${id} is empty, but ${count} of its records are stored: nothing is marked as withdrawn`,
        );
      }
      rememberLoad(complete, id, { manifest, count, session, now: context.now() });
      yield { records: [], ...progress() };
      if (signal.aborted) return;
    }
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
