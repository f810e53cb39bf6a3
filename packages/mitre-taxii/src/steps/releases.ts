import { isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { collectionsDocument } from "../documents/collections-document.js";
import { objectDocument } from "../documents/object-document.js";
import { reconcileObject, reconcileVersions } from "../documents/reconcile-releases.js";
import { versionsDocument } from "../documents/versions-document.js";
import { countListed } from "../freshness/assess-collection.js";
import { nameOfRelease } from "../session/select-releases.js";
import { taxiiStep } from "../session/taxii-session.js";
import { countByRelease, isMissingDocuments } from "../stored/loaded-release.js";
import {
  beginReleasesLoad,
  type ReleasesLoad,
  releasesCheckpoint,
  releasesProgressPage,
  rememberRelease,
  sizeFrom,
} from "./begin-releases-load.js";
import { doubtShortLists } from "./doubt-short-lists.js";
import { attempt, reportFailed } from "./failed-members.js";
import { loadRelease } from "./load-release.js";
import { releasedObject } from "./load-released-collection.js";

const record = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("collections"),
    api_root: z.url(),
    collections: z.array(z.custom<JsonObject>(isJsonObject, "expected a collection")),
  }),
  releasedObject,
]);

/**
 * Stores the objects of earlier releases, newest first: one request for the collections of each, and their pages. What is stored whole
 * is never asked for again, since a release does not change.
 */
export const releasesStep = taxiiStep({
  name: "releases",
  summary: "earlier releases of ATT&CK",
  needs: ["collections"],
  sharesCollectionsOf: ["collections", "objects", "versions"],
  record,
  checkpoint: releasesCheckpoint,
  async *extract(context) {
    const session = await (await context.session()).open();
    if (session.release === undefined) {
      return;
    }
    const load = beginReleasesLoad(context.checkpoint, session, session.release);
    await compareWithStored(load);
    yield { ...releasesProgressPage(load, load.interrupted), total: sizeFrom(load, 0) };
    for (const [index, release] of session.earlier.entries()) {
      if (context.signal.aborted) {
        return;
      }
      yield* attempt(load.failed, nameOfRelease(release.version), loadRelease(load, release, index));
    }
    // A bundle lacks what another one holds.
    if (session.bundled === undefined && doubtShortLists(load)) {
      yield releasesProgressPage(load, load.interrupted);
    }
    yield* reportFailed(load.failed);
  },
  transform(received, { config }) {
    if (received.kind === "collections") {
      return collectionsDocument(received.api_root, received.collections);
    }
    const { collection_id, release, object, ends, versions, is_current, removed } = received;
    const ofObject = versionsDocument({
      collection_id,
      object_id: object.id,
      versions,
      releases: [release],
    });
    return [
      { ...objectDocument({ collection_id, object, release, ends }, config), ...(removed && { removed }) },
      // An object that the current release has is listed, whatever its versions.
      is_current ? ofObject : { ...ofObject, removed: "withdrawn" as const },
    ];
  },
  reconcile(document, stored) {
    if (document.collection === "objects") {
      return reconcileObject(document, stored);
    }
    return document.collection === "versions" ? reconcileVersions(document, stored) : document;
  },
});

/** Forgets releases of which documents were deleted, and notes what the steps before this one loaded of the current one. */
async function compareWithStored(load: ReleasesLoad): Promise<void> {
  const { session, current, known } = load;
  const countsOf = await countByRelease(session.store);
  const gone = [current, ...session.earlier].filter(({ version, url }) => {
    const release = known.get(url);
    return release !== undefined && isMissingDocuments(release, countsOf(version));
  });
  for (const { url } of gone) {
    known.delete(url);
    if (load.interrupted?.root === url) {
      load.interrupted = null;
    }
  }
  if (gone.length > 0) {
    const versions = gone.map(({ version }) => version).join(", ");
    session.log.warn(
      { releases: versions },
      `documents of ATT&CK ${versions} were deleted from the database: loading them again from the start`,
    );
  }
  const { objects, versions } = session.loaded;
  const loadedNow = [...objects].filter((id) => versions.has(id));
  if (loadedNow.length > 0) {
    const before = known.get(current.url);
    const collections = [...new Set([...(before?.collections ?? []), ...loadedNow])];
    rememberRelease(load, current.url, {
      ...{ collections, stored: countsOf(current.version) },
      // Bundles may hold fewer collections than the server lists.
      ...(session.bundled !== undefined && before === undefined && { listing: "doubted" }),
    });
  }
  for (const { id } of session.collections) {
    load.sizes.set(id, await countListed(session.store, "objects", id));
  }
}
