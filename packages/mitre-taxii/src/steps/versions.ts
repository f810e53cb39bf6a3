import { z } from "zod";
import { reconcileVersions } from "../documents/reconcile-releases.js";
import { versionsDocument } from "../documents/versions-document.js";
import { isCheckDue } from "../freshness/complete-load.js";
import { taxiiStep } from "../session/taxii-session.js";
import { versionIndexes } from "../stored/indexes.js";
import { beginLoad, savedLoad } from "./begin-load.js";
import { loadChangedCollections } from "./load-collections.js";
import { loadVersions } from "./load-versions.js";

const record = z.object({
  collection_id: z.string(),
  object_id: z.string(),
  versions: z.array(z.string()).min(1),
  /** The release that was asked for, if one was. */
  releases: z.array(z.string()).optional(),
});

/**
 * Stores which versions of each object there are.
 *
 * One request per collection says it all: its manifest with `match[version]=all`. It is spared where the plain manifest tells all
 * versions already: some objects have several there, so the server does not select the last ones; or it lists exactly
 * what the release says that it contains, on a server that keeps each release apart. Objects are asked for one by one
 * - where the server refuses that filter: all of them;
 * - where its answer leaves out objects that the plain manifest lists: those;
 * - where it ignores the filter: all that were modified since they were created. Where no object has two versions, whether it
 *   does is asked once per run.
 *
 * Where a few of them show that the server has no more versions of them than its manifest lists, that is taken at its word for the others.
 *
 * In a collection that was loaded before, one by one means only the objects that list another version than those stored.
 */
export const versionsStep = taxiiStep({
  name: "versions",
  summary: "the versions of each object",
  needs: ["collections"],
  collection: "versions",
  indexes: versionIndexes,
  record,
  checkpoint: savedLoad,
  async *extract(context) {
    const load = await beginLoad(context, { answers_all: false });
    yield* loadChangedCollections(load, {
      loads: "versions",
      // Where objects have several versions, an old one may be gone without a trace in the plain manifest.
      provesUnchanged: (known) =>
        !load.own.answers_all || (known !== undefined && !isCheckDue(load.session, known.checked_at)),
      load: (collection) => loadVersions(load, collection),
    });
  },
  transform: versionsDocument,
  reconcile: reconcileVersions,
});
