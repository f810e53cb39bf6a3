import { isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { collectionsDocument } from "../documents/collections-document.js";
import { isCheckDue } from "../freshness/complete-load.js";
import { taxiiStep } from "../session/taxii-session.js";

const record = z.object({
  api_root: z.url(),
  collections: z.array(z.custom<JsonObject>(isJsonObject, "expected a collection")),
});

/** The API root that was found, so that discovery need not be asked in every run. */
const checkpoint = z.object({
  /** MITRE_TAXII_URL as it was. */
  setting: z.string(),
  root: z.url(),
  /** The release that it is pinned to; `null` where no releases were asked for. */
  release: z.string().nullable().default(null),
  /** Whether discovery lists such API roots. */
  pins_releases: z.boolean().default(false),
  /** Ids of collections that the release before it has, and that were twice not in its list. */
  lacking: z.array(z.string()).default([]),
  discovered_at: z.iso.datetime(),
});

/** Stores which collections the API root lists, as it lists them. */
export const collectionsStep = taxiiStep({
  name: "collections",
  summary: "the collections of the API root",
  collection: "collections",
  record,
  checkpoint,
  async *extract(context) {
    const { config, checkpoint: saved } = context;
    const startedAt = context.now();
    const isPinned = config.MITRE_RELEASES !== "latest";
    const isKnown =
      saved?.setting === config.MITRE_TAXII_URL &&
      (saved.release !== null) === isPinned &&
      (isPinned || !isCheckDue(context, saved.discovered_at));
    const isOfServer = saved?.setting === config.MITRE_TAXII_URL;
    const remembered = isKnown || (isOfServer && config.MITRE_BUNDLES !== undefined) ? saved : undefined;
    const shared = await context.session();
    const session = await shared.open(remembered);
    const { root, release, pinsReleases, listed, bundled, collections, missing, unread, lacking } = session;
    if (unread !== undefined) {
      yield { records: [], missing };
      return;
    }
    if (collections.length === 0) {
      const why = listed.length === 0 ? "" : ": the selected ones have no read access";
      context.log.warn({ url: root.url }, `the API root has no collection to load${why}`);
    }
    const records = [{ api_root: root.url, collections: listed.map(({ received }) => received) }];
    if (bundled !== undefined) {
      // What a server has is for discovery to say.
      yield { records, total: 1 };
      return;
    }
    yield {
      records,
      total: 1,
      missing,
      checkpoint: {
        setting: config.MITRE_TAXII_URL,
        root: root.url,
        release: release ?? null,
        pins_releases: pinsReleases,
        lacking: [...lacking.confirmed],
        discovered_at: remembered?.root === root.url ? remembered.discovered_at : startedAt.toISOString(),
      },
    };
  },
  transform({ api_root, collections }) {
    return collectionsDocument(api_root, collections);
  },
});
