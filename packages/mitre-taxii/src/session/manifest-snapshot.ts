import { createHash } from "node:crypto";
import { parseTimestamp } from "../documents/parse-timestamp.js";
import type { ManifestRecord } from "../taxii/manifest-record.js";
import { concernsEverything, isNoResource, isRefusal } from "../taxii/refusals.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { TaxiiPage, Validators } from "../taxii/taxii-page.js";
import { toUtcTimestamp } from "../taxii/to-utc-timestamp.js";

/** What a collection's manifest listed when it was last read. */
export interface ManifestSnapshot {
  /** Object id → its listed versions, in the server's order. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** Of ids and versions in the server's order: the same fingerprint, the same pages. */
  readonly fingerprint: string;
  /** The version of the object that has the collection's own id: on the ATT&CK server it describes the release. */
  readonly release: string | undefined;
  /** Records in a page at most, as it was asked for. */
  readonly limit: number;
  /** Of a manifest that came as one page. */
  readonly validators: Validators;
  /**
   * The last `date_added`, where the server means by it what TAXII says: no version is older there than it is itself, and some
   * were added later than they were made. The ATT&CK server puts `created` there, which is never later.
   */
  readonly addedLast: string | undefined;
  /** False where something was left out: a limit, a cut-off walk, a record that could not be read. */
  readonly complete: boolean;
  /** True where the server may have passed over records, because a page was asked for again after a lost answer. */
  readonly mayHaveSkipped: boolean;
  /** Why there is none, in the server's words. */
  readonly absence?: string;
}

export interface ManifestSnapshotBuilder {
  add(page: TaxiiPage<ManifestRecord>): void;
  finish(): ManifestSnapshot;
}

/**
 * @param limit records in a page
 * @param wholeWalk false where the walk will be cut short
 */
export function startManifestSnapshot(
  collectionId: string,
  limit: number,
  wholeWalk: boolean,
): ManifestSnapshotBuilder {
  const versions = new Map<string, string[]>();
  const hash = createHash("sha256");
  let pages = 0;
  let complete = wholeWalk;
  let validators: Validators = {};
  let addedLast = "";
  let hasOwnDates = false;
  let hasOtherDates = false;
  let mayHaveSkipped = false;

  function noteDates({ date_added, version }: ManifestRecord): void {
    const added = parseTimestamp(date_added)?.getTime();
    const made = parseTimestamp(version)?.getTime();
    if (added === undefined || made === undefined || added < made) {
      hasOtherDates = true;
    } else if (added > made) {
      hasOwnDates = true;
    }
    if (isLater(date_added, addedLast)) {
      addedLast = toUtcTimestamp(date_added) ?? "";
    }
  }

  return {
    add(page) {
      validators = pages === 0 && page.next === undefined ? page.validators : {};
      for (const record of page.items) {
        const { id, version } = record;
        noteDates(record);
        hash.update(`${id}\n${version}\n`);
        const known = versions.get(id);
        if (known === undefined) {
          versions.set(id, [version]);
        } else if (!known.includes(version)) {
          known.push(version);
        }
      }
      if (page.malformed.length > 0 || (page.notFound && pages > 0)) {
        complete = false;
      }
      mayHaveSkipped ||= page.mayHaveSkipped;
      pages += 1;
    },
    finish: () => ({
      versions,
      fingerprint: hash.digest("hex"),
      limit,
      validators,
      addedLast: hasOwnDates && !hasOtherDates ? addedLast : undefined,
      release: versions.get(collectionId)?.at(-1),
      complete,
      mayHaveSkipped,
    }),
  };
}

/**
 * What stands for the manifest of a server that has none; objects are loaded without it.
 *
 * @param wasThere whether an earlier run has read one: then only the word that there is no such resource counts, and any other refusal is
 *   thrown, as is what concerns every request
 */
export function absentManifest(
  collectionId: string,
  error: unknown,
  { limit, wasThere }: { readonly limit: number; readonly wasThere: boolean },
): ManifestSnapshot {
  if (!(error instanceof TaxiiError) || error.page !== undefined) {
    throw error;
  }
  const isNone = isNoResource(error) || (!wasThere && (isRefusal(error) || error.answeredHtml));
  if (!isNone || concernsEverything(error) || (error.httpStatus ?? 0) > 501) {
    throw error;
  }
  const nothing = startManifestSnapshot(collectionId, limit, false).finish();
  return { ...nothing, absence: error.message };
}

/** What two readings of a manifest prove together, the first of which may lack records. */
export function confirmManifest(first: ManifestSnapshot, again: ManifestSnapshot): ManifestSnapshot {
  const isSure = !again.mayHaveSkipped || again.fingerprint === first.fingerprint;
  return isSure ? again : { ...again, complete: false };
}

/** Dates have more digits than a `Date` holds. */
function isLater(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => parseTimestamp(text)?.getTime() ?? 0);
  return left === right ? one > other : (left ?? 0) > (right ?? 0);
}
