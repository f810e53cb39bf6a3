import { countCurrent, type StoreReader } from "@cti-connectors/core";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import type { CompleteLoad } from "./complete-load.js";
import { isCheckDue } from "./complete-load.js";
import { hasNothingAddedAfter, isNotModified, readRelease } from "./manifest-questions.js";
import { readManifest } from "./read-manifest.js";

/** How a collection stands to what is stored of it. */
export type Assessment =
  /** The server says so without sending the manifest. */
  | { readonly state: "current" }
  /** Its whole manifest is the loaded one. */
  | { readonly state: "checked"; readonly manifest: ManifestSnapshot }
  | { readonly state: "changed"; readonly manifest: ManifestSnapshot };

/**
 * Whether a collection must be loaded. What was not loaded as a whole, or is not all there any more, always must.
 *
 * @param loads the database collection that the step loads into
 */
export async function assessCollection(
  session: TaxiiSession,
  loads: "objects" | "versions",
  id: string,
  known: CompleteLoad | undefined,
): Promise<Assessment> {
  const isThere = known !== undefined && (await isStored(session.store, loads, id, known));
  if (isThere && (await isUnchanged(session, id, known))) {
    return { state: "current" };
  }
  const manifest = await readManifest(session, id, known !== undefined);
  const isSame = isThere && manifest.complete && manifest.fingerprint === known.fingerprint;
  return { state: isSame ? "checked" : "changed", manifest };
}

/**
 * Whether a collection is as it was loaded, as far as that is known without its manifest. At most one request, the first time in a run:
 * for the release; else for the manifest if it was modified; else for what was added since.
 */
export async function isUnchanged(session: TaxiiSession, id: string, known: CompleteLoad): Promise<boolean> {
  if (session.release !== undefined) {
    return true;
  }
  // A manifest at hand says more, for no request.
  if (session.manifests.has(id) || isCheckDue(session, known.checked_at)) {
    return false;
  }
  const { validators, added_last, release } = known;
  // A server that keeps dates of its own may add objects without a new release.
  if (release !== null && added_last === null) {
    return (await readRelease(session, id)) === release;
  }
  if (validators?.limit === session.limits.of("manifest", id).limit) {
    return isNotModified(session, id, validators);
  }
  return added_last !== null && hasNothingAddedAfter(session, id, added_last);
}

/** Whether all documents of a complete load are still there, and no others. */
export async function isStored(
  store: StoreReader,
  loads: "manifest" | "objects" | "versions",
  id: string,
  { settled, count }: CompleteLoad,
): Promise<boolean> {
  return settled && (await countListed(store, loads, id)) === count;
}

/** How many documents of a collection are stored that the upstream lists. */
export function countListed(
  store: StoreReader,
  loads: "manifest" | "objects" | "versions",
  id: string,
): Promise<number> {
  return countCurrent(store, loads, { "data.collection_id": id });
}
