import type { MongoBulkWriteError, WriteError } from "mongodb";
import { isTransientCode } from "./explain-store-failure.js";
import type { PlannedWrite } from "./plan-write.js";
import type { PreparedDocument } from "./prepare-document.js";
import { StoreWriteError } from "./store-write-error.js";
import { asStoreError } from "./with-store-retry.js";

/** What became of the writes of a bulk write, some of which failed. Those in neither list are to be tried again. */
export interface SortedWrites {
  readonly stored: readonly PlannedWrite[];
  readonly refused: readonly { readonly brought: PreparedDocument; readonly reason: string }[];
}

/** Whether the server took the batch, and told what became of its writes. */
export function tellsOfWrites(error: MongoBulkWriteError): boolean {
  return writeErrorsOf(error).length > 0 || writeConcernFault(error) !== undefined;
}

/** @throws StoreWriteError where the fault is not one of single documents, or this was the last attempt */
export function sortWriteErrors(
  error: MongoBulkWriteError,
  writes: readonly PlannedWrite[],
  { isLastAttempt, host }: { readonly isLastAttempt: boolean; readonly host: string },
): SortedWrites {
  const unconfirmed = writeConcernFault(error);
  if (unconfirmed !== undefined) {
    throw new StoreWriteError(
      `MongoDB at ${host} did not confirm the write as its write concern asks (${unconfirmed}): check that enough members of the replica set run, then run again.`,
      { cause: error },
    );
  }
  const failed = new Map(writeErrorsOf(error).map((writeError) => [writeError.index, writeError]));
  const stored: PlannedWrite[] = [];
  const refused: { brought: PreparedDocument; reason: string }[] = [];
  for (const [index, write] of writes.entries()) {
    const fault = failed.get(index);
    if (fault === undefined) {
      stored.push(write);
    } else if (concernsServer(fault)) {
      if (isLastAttempt || !isTransientCode(fault.code)) {
        throw asStoreError(error, host);
      }
    } else if (isLastAttempt || !isInsertRace(fault, write)) {
      refused.push({
        brought: write.brought,
        reason: `MongoDB refuses it: ${fault.errmsg ?? `error ${fault.code}`}`,
      });
    }
  }
  return { stored, refused };
}

/** Somebody else inserted it between our look and our write: what they stored is compared and updated. */
function isInsertRace({ code }: WriteError, { outcome }: PlannedWrite): boolean {
  return code === 11000 && outcome === "inserted";
}

/** Unauthorized, time limits, disk full and the like are no fault of the document. */
function concernsServer({ code }: WriteError): boolean {
  return isTransientCode(code) || code === 13 || code === 50 || code === 14031;
}

function writeErrorsOf(error: MongoBulkWriteError): readonly WriteError[] {
  return [error.writeErrors].flat();
}

function writeConcernFault(error: MongoBulkWriteError): string | undefined {
  const fault = error.result.getWriteConcernError();
  return fault === undefined ? undefined : (fault.errmsg ?? `error ${fault.code}`);
}
