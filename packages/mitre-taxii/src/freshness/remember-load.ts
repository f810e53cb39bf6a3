import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import type { CompleteLoad, CompleteLoads } from "./complete-load.js";

export interface FinishedLoad {
  readonly manifest: ManifestSnapshot;
  /** Documents that are current now; absent where that is still to be counted. */
  readonly count?: number;
  readonly session: TaxiiSession;
  readonly now: Date;
}

/**
 * Notes that a collection was loaded as a whole. A manifest that has gaps proves nothing, nor does an empty one of a release, or where the
 * collection has objects.
 */
export function rememberLoad(
  complete: CompleteLoads,
  id: string,
  { manifest, count, session, now }: FinishedLoad,
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
    checked_at: now.toISOString(),
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
