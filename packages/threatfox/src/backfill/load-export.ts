import { isDeepStrictEqual } from "node:util";
import {
  type ExtractContext,
  type ExtractedPage,
  HttpConnectionError,
  HttpStatusError,
} from "@cti-connectors/core";
import type { ThreatfoxConfig } from "../config/threatfox-config.js";
import { ExportFileError, type ExportProgress, exportIdentity } from "../export-file/export-file.js";
import { type ObtainedExport, obtainExport, removeDownload } from "../export-file/obtain-export.js";
import { readExportFile } from "../export-file/read-export-file.js";
import { holdsIoc, UnreadableEntry } from "../record/export-entry.js";
import { parseDate } from "../record/read-field.js";
import type { IocsCheckpoint } from "./iocs-checkpoint.js";

export type IocsContext = ExtractContext<ThreatfoxConfig, IocsCheckpoint>;
export type IocsPage = ExtractedPage<IocsCheckpoint>;

/** A file without an IOC in its first records is no export, and the rest of it need not be quarantined. */
const mostRecordsBeforeIoc = 1_000;

/** What a run has come to so far. */
export interface LoadProgress {
  /** As it is saved, or will be once what comes next is stored. */
  state: IocsCheckpoint;
  /** Records that were handed out. */
  loaded: number;
}

/**
 * Loads an export page by page. Each page saves how far it is in `progress.state.backfill`, so that a run that is stopped goes on there:
 * of the same file, records that are stored are read and not loaded again.
 *
 * @param source path or URL
 * @param known version of a download that is stored
 * @returns false where the upstream still has the download that is `known`, so that nothing was loaded
 * @throws ExportFileError where no record is an IOC: an upstream in trouble sends an empty export, or an error in its place
 * @throws what `obtainExport` and `readExportFile` throw
 */
export async function* loadExport(
  source: string,
  progress: LoadProgress,
  context: IocsContext,
  known?: string,
): AsyncGenerator<IocsPage, boolean> {
  const { log } = context;
  const { backfill: previous } = progress.state;
  const obtained = yield* obtainExport(source, { ...context, previous, known });
  if (obtained === undefined) {
    return false;
  }
  const { identity, file } = obtained;
  try {
    let backfill = resume(previous, identity);
    // What is remembered of another file says nothing of this one.
    progress.state = { ...progress.state, backfill };
    const { place, bytes, records: stored } = backfill;
    if (stored > 0) {
      log.info({ export: place, bytes, stored }, "resuming the export after the last stored record");
    } else {
      log.info({ export: place, bytes }, "loading the export");
    }
    let fault: string | undefined;
    for await (const page of readExportFile(file, { name: place, skip: stored })) {
      const { records, recordsRead, bytes } = page;
      fault ??= records.find((record) => record instanceof UnreadableEntry)?.reason;
      if (records.length === 0) {
        yield { records, bytes };
        continue;
      }
      backfill = {
        ...backfill,
        ...(records.some(holdsIoc) && { holds_ioc: true }),
        ...rangeOf(records, backfill),
        records: recordsRead,
      };
      progress.state = { ...progress.state, backfill };
      progress.loaded += records.length;
      yield { records, bytes, checkpoint: progress.state };
      if (recordsRead >= mostRecordsBeforeIoc) {
        requireIoc(backfill, fault);
      }
    }
    requireIoc(backfill, fault);
    return true;
  } catch (error) {
    if (error instanceof ExportFileError) {
      // The next download may be whole.
      await removeDownload(source, context);
    }
    throw error;
  }
}

/** Whether the export, or the server that it comes from, is at fault, so that it may be loaded another time. */
export function isFaultOfExport(error: unknown): boolean {
  return (
    error instanceof HttpStatusError ||
    error instanceof HttpConnectionError ||
    error instanceof ExportFileError
  );
}

/** @param fault why the first unreadable entry is invalid */
function requireIoc(
  { place, records, holds_ioc, newest }: ExportProgress,
  fault = "each should have an ioc_value",
): void {
  // Checkpoints of earlier versions only tell `newest`.
  if (holds_ioc !== true && newest === undefined) {
    throw new ExportFileError(
      records === 0
        ? `${place} contains no IOCs: empty exports are refused`
        : `${place} is not an export of ThreatFox: it contains no IOCs in ${records} records (${fault})`,
    );
  }
}

function resume(previous: ExportProgress | undefined, identity: ObtainedExport["identity"]): ExportProgress {
  const isSame = isDeepStrictEqual(exportIdentity.safeParse(previous).data, exportIdentity.parse(identity));
  return isSame && previous !== undefined ? { ...previous, ...identity } : { ...identity, records: 0 };
}

/** When the oldest and the newest record so far were first seen. */
function rangeOf(
  records: readonly unknown[],
  before: ExportProgress,
): Pick<ExportProgress, "oldest" | "newest"> {
  let { oldest, newest } = before;
  for (const record of records) {
    const firstSeen = firstSeenOf(record);
    if (firstSeen !== undefined) {
      oldest = oldest === undefined || firstSeen < oldest ? firstSeen : oldest;
      newest = newest === undefined || firstSeen > newest ? firstSeen : newest;
    }
  }
  return { ...(oldest !== undefined && { oldest }), ...(newest !== undefined && { newest }) };
}

function firstSeenOf(record: unknown): string | undefined {
  return typeof record === "object" && record !== null && "first_seen_utc" in record
    ? parseDate(record.first_seen_utc)?.toISOString()
    : undefined;
}
