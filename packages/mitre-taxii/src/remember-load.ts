import type { CompleteLoad, CompleteLoads } from "./complete-load.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { TaxiiSession } from "./taxii-session.js";

export interface FinishedLoad {
  readonly manifest: ManifestSnapshot;
  /** Documents that are current now; absent where that is still to be counted. */
  readonly count?: number;
  readonly session: TaxiiSession;
  readonly now: Date;
}

/** Notes that a collection was loaded as a whole; a manifest that is empty or has gaps proves nothing. */
export function rememberLoad(
  complete: CompleteLoads,
  id: string,
  { manifest, count, session, now }: FinishedLoad,
): void {
  if (!manifest.complete || manifest.versions.size === 0) {
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
  if (etag === undefined && lastModified === undefined) return null;
  return { etag: etag ?? null, last_modified: lastModified ?? null, limit };
}
