import { z } from "zod";
import { compareReleaseVersions } from "../config/release-version.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";

const hourMs = 60 * 60 * 1000;

/** What is remembered of a collection that one step has loaded as a whole. */
const completeLoad = z.object({
  /** Version of the object that describes the release; `null` where the collection has none, or cannot be asked for it. */
  release: z.string().nullable(),
  /** Validators of a manifest that came as one page of `limit` records, if the server sent some. */
  validators: z
    .object({ etag: z.string().nullable(), last_modified: z.string().nullable(), limit: z.number() })
    .nullable(),
  /** The last date added, on a server that keeps dates of its own. */
  added_last: z.string().nullable(),
  /** The fingerprint of the manifest that was loaded. */
  fingerprint: z.string(),
  /** Documents that were current after it. */
  count: z.number(),
  /** When the whole manifest was compared last. */
  checked_at: z.iso.datetime(),
  /** False while another load changes the documents: then only what is stored shows what is left to do. */
  settled: z.boolean(),
});
export type CompleteLoad = z.output<typeof completeLoad>;

/** Collection id → its last complete load. */
export const completeLoads = z.record(z.string(), completeLoad);
export type CompleteLoads = z.output<typeof completeLoads>;

/**
 * Notes that a collection was loaded as a whole. A manifest that has gaps proves nothing, nor does an empty one of a release, or where the
 * collection has objects.
 *
 * @param count documents that are current now; absent where that is still to be counted
 */
export function rememberLoad(
  { complete, session }: { readonly complete: CompleteLoads; readonly session: TaxiiSession },
  id: string,
  manifest: ManifestSnapshot,
  count?: number,
): void {
  const isEmpty = manifest.versions.size === 0;
  if (!manifest.complete || (isEmpty && (count !== 0 || session.release !== undefined))) {
    delete complete[id];
    return;
  }
  const cannotBeAsked = session.releases.has(id) && session.releases.get(id) === undefined;
  complete[id] = {
    release: cannotBeAsked ? null : (manifest.release ?? null),
    validators: validatorsOf(manifest),
    added_last: manifest.addedLast ?? null,
    fingerprint: manifest.fingerprint,
    count: count ?? 0,
    checked_at: session.now().toISOString(),
    settled: count !== undefined,
  };
}

function validatorsOf({ validators, limit }: ManifestSnapshot): CompleteLoad["validators"] {
  const { etag, lastModified } = validators;
  if (etag === undefined && lastModified === undefined) {
    return null;
  }
  return { etag: etag ?? null, last_modified: lastModified ?? null, limit };
}

/** Whether the last check is so long ago, or so much in the future, that shortcuts are not to be trusted. */
export function isCheckDue(
  { config, now }: Pick<TaxiiSession, "config" | "now">,
  checkedAt: string,
): boolean {
  const ageMs = now().getTime() - Date.parse(checkedAt);
  return !(ageMs >= 0 && ageMs < config.MITRE_CHECK_HOURS * hourMs);
}

/**
 * Whether the person asked for another release than the one that was current: an older one, or none where there was one. What that withdraws is
 * meant. A newer one comes by itself.
 *
 * @param before of the checkpoint: `null` where no releases were asked for, undefined where nothing is known
 * @param now undefined where no releases are asked for
 */
export function isAnotherChoice(before: string | null | undefined, now: string | undefined): boolean {
  if (before === undefined) {
    return false;
  }
  if (before === null || now === undefined) {
    return (before ?? undefined) !== now;
  }
  return compareReleaseVersions(now, before) < 0;
}
