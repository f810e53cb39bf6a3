import { defineStep, type ExtractedPage } from "@cti-connectors/core";
import { z } from "zod";
import { walkAdapting } from "./adapt-page-size.js";
import { countCurrent, isStored, isUnchanged } from "./assess-collection.js";
import { listingsOf } from "./build-listings.js";
import { type CompleteLoads, completeLoads } from "./complete-load.js";
import { versionDocumentId } from "./document-id.js";
import { createFailedMembers } from "./failed-members.js";
import { findDisputedObjects, isManifestShort, warnOfShortManifest } from "./find-disputed-objects.js";
import { findRemoval } from "./find-removal.js";
import { findUnlistedManifests } from "./find-unlisted-manifests.js";
import { isAnotherChoice } from "./is-another-choice.js";
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
  /** The release that the root is pinned to; `null` where no releases were asked for. */
  release: z.string().nullable().exactOptional(),
  complete: completeLoads,
  page_limits: savedPageLimits.default(null),
});
type Progress = z.output<typeof checkpoint>;

/** Stores what each collection lists, and marks what it lists no longer. */
export const manifestStep = defineStep({
  name: "manifest",
  summary: "which object versions each collection lists",
  needs: ["collections"],
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
    const acceptsRemovals = isAnotherChoice(context.checkpoint?.release, session.release);
    const failed = createFailedMembers(signal);
    const progress = () => ({
      checkpoint: {
        root: root.url,
        release: session.release ?? null,
        complete: { ...complete },
        page_limits: limits.save(),
      },
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

    async function* loadManifest(id: string): AsyncGenerator<ExtractedPage<Progress>, void> {
      const known = complete[id];
      if (
        known !== undefined &&
        (await isStored(context, "manifest", id, known)) &&
        !(await isManifestShort(context, id, known)) &&
        (await isUnchanged(context, session, id, known))
      ) {
        log.info({ collection: id }, `${id} still holds the release that is stored: nothing to do`);
        return;
      }
      if (known !== undefined) {
        complete[id] = { ...known, settled: false };
        yield { records: [], ...progress() };
        if (signal.aborted) return;
      }
      let received = yield* readManifest(id, known !== undefined);
      if (signal.aborted) return;
      if (received.mayHaveSkipped) {
        log.warn({ collection: id }, `an answer of the manifest of ${id} was lost: it is read again`);
        received = confirmManifest(received, yield* walkManifest(id));
        if (signal.aborted) return;
      }
      const manifest = limited ? received : await withoutDoubt(id, received, known?.release);
      manifests.set(id, manifest);
      if (limited) return;
      yield { records: [], listings: listingsOf("manifest", id, manifest, { acceptsRemovals }) };
      if (signal.aborted) return;
      const count = await countCurrent(store, "manifest", id);
      rememberLoad(complete, id, { manifest, count, session, now: context.now() });
      yield { records: [], ...progress() };
    }

    /** A manifest that leaves out what the release's own table of contents lists is not taken for a whole one. */
    async function withoutDoubt(
      id: string,
      manifest: ManifestSnapshot,
      known: string | null | undefined,
    ): Promise<ManifestSnapshot> {
      if (!manifest.complete || manifest.versions.size === 0) return manifest;
      const disputed = await findDisputedObjects(context, root, id, manifest, known);
      if (disputed.length === 0) return manifest;
      warnOfShortManifest(log, id, disputed.length);
      return { ...manifest, complete: false };
    }

    if (session.unread !== undefined) {
      yield* failed.finish();
      return;
    }
    if (context.checkpoint !== undefined && saved === undefined) {
      yield { records: [], ...progress() };
      if (signal.aborted) return;
    }
    if (session.release !== undefined && !limited) {
      const listings = await findUnlistedManifests(store, [
        ...session.listed.map(({ id }) => id),
        ...session.lacking.doubted,
      ]);
      if (listings.length > 0) yield { records: [], listings };
      if (signal.aborted) return;
    }
    for (const { id } of collections) {
      yield* failed.attempt(id, loadManifest(id));
      if (signal.aborted) return;
    }
    for (const id of failed.names) session.failed.add(id);
    yield* failed.finish();
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
