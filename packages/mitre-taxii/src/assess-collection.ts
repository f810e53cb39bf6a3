import type { ExtractContext } from "@cti-connectors/core";
import type { CompleteLoad } from "./complete-load.js";
import { isCheckDue } from "./is-check-due.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { readManifest } from "./read-manifest.js";
import { readRelease } from "./read-release.js";
import type { TaxiiSession } from "./taxii-session.js";

type AssessContext = Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config" | "store" | "now">;

/** How a collection stands to what is stored of it. */
export type Assessment =
  /** Its release is the loaded one. */
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
  context: AssessContext,
  session: TaxiiSession,
  loads: "objects" | "versions",
  id: string,
  known: CompleteLoad | undefined,
): Promise<Assessment> {
  const isThere = known !== undefined && (await isStored(context, loads, id, known));
  if (isThere && (await isSameRelease(context, session, id, known))) return { state: "current" };
  const manifest = await readManifest(context, session, id);
  const isSame = isThere && manifest.complete && manifest.fingerprint === known.fingerprint;
  return { state: isSame ? "checked" : "changed", manifest };
}

/** One request, the first time in a run. */
export async function isSameRelease(
  { config, now }: Pick<AssessContext, "config" | "now">,
  session: TaxiiSession,
  id: string,
  known: CompleteLoad,
): Promise<boolean> {
  if (known.release === null || isCheckDue(config, known.checked_at, now())) return false;
  return (await readRelease(session, id)) === known.release;
}

/** Whether all documents of a complete load are still there, and no others. */
export async function isStored(
  { store }: Pick<AssessContext, "store">,
  loads: "manifest" | "objects" | "versions",
  id: string,
  { settled, count }: CompleteLoad,
): Promise<boolean> {
  return settled && (await countCurrent(store, loads, id)) === count;
}

/** How many documents of a collection are stored that the upstream lists. */
export function countCurrent(
  store: AssessContext["store"],
  loads: "manifest" | "objects" | "versions",
  id: string,
): Promise<number> {
  return store.count(loads, { "data.collection_id": id, removed_at: null });
}
