import { createHash, type Hash } from "node:crypto";
import type { Validators } from "@cti-connectors/core";
import { parseTimestamp } from "../documents/timestamps.js";
import { isManifestRecord, type ManifestRecord } from "../taxii/manifest-record.js";
import { concernsEverything, isNoResource, isRefusal } from "../taxii/refusals.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";
import { toUtcTimestamp } from "../taxii/utc-timestamp.js";
import type { PageCollector } from "./walk-collection.js";

/** What a collection's manifest listed when it was last read. */
export interface ManifestSnapshot {
  /** Object id → its listed versions, in the server's order. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** A hash of ids and versions in the server's order: the same fingerprint, the same pages. */
  readonly fingerprint: string;
  /** The version of the object that has the collection's own id: on the ATT&CK server it describes the release. */
  readonly release: string | undefined;
  /** Records in a page at most, as it was asked for. */
  readonly limit: number;
  /** Empty unless the manifest came as one page. */
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

/**
 * Makes a snapshot of the pages of a manifest.
 *
 * @param limit records in a page
 * @param wholeWalk false where the walk will be cut short
 */
export function startManifestSnapshot(
  collectionId: string,
  limit: number,
  wholeWalk: boolean,
): PageCollector<void, ManifestSnapshot> {
  const seen: SeenManifest = {
    ...{ versions: new Map<string, string[]>(), hash: createHash("sha256"), pages: 0, complete: wholeWalk },
    ...{ validators: {}, mayHaveSkipped: false, addedLast: "", hasOwnDates: false, hasOtherDates: false },
  };
  return {
    add: (page) => addPage(seen, page),
    finish: () => ({
      versions: seen.versions,
      fingerprint: seen.hash.digest("hex"),
      limit,
      validators: seen.validators,
      addedLast: seen.hasOwnDates && !seen.hasOtherDates ? seen.addedLast : undefined,
      release: seen.versions.get(collectionId)?.at(-1),
      complete: seen.complete,
      mayHaveSkipped: seen.mayHaveSkipped,
    }),
  };
}

/** What the pages said so far. */
interface SeenManifest {
  readonly versions: Map<string, string[]>;
  readonly hash: Hash;
  pages: number;
  complete: boolean;
  validators: Validators;
  mayHaveSkipped: boolean;
  addedLast: string;
  hasOwnDates: boolean;
  hasOtherDates: boolean;
}

function addPage(seen: SeenManifest, page: TaxiiPage): void {
  seen.validators = seen.pages === 0 && page.next === undefined ? page.validators : {};
  const records = page.entries.filter(isManifestRecord);
  for (const record of records) {
    const { id, version } = record;
    noteDates(seen, record);
    seen.hash.update(`${id}\n${version}\n`);
    const known = seen.versions.get(id) ?? [];
    seen.versions.set(id, known.includes(version) ? known : [...known, version]);
  }
  if (records.length < page.entries.length || (page.notFound && seen.pages > 0)) {
    seen.complete = false;
  }
  seen.mayHaveSkipped ||= page.mayHaveSkipped;
  seen.pages += 1;
}

function noteDates(seen: SeenManifest, { date_added, version }: ManifestRecord): void {
  const added = parseTimestamp(date_added)?.getTime();
  const made = parseTimestamp(version)?.getTime();
  if (added === undefined || made === undefined || added < made) {
    seen.hasOtherDates = true;
  } else if (added > made) {
    seen.hasOwnDates = true;
  }
  if (isLater(date_added, seen.addedLast)) {
    seen.addedLast = toUtcTimestamp(date_added) ?? "";
  }
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
