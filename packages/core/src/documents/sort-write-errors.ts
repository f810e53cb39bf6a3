import type { MongoBulkWriteError, WriteError } from "mongodb";
import { kindOfCode } from "../store/mongo-error-codes.js";
import type { PlannedWrite } from "./plan-write.js";
import type { PreparedDocument } from "./prepare-document.js";

/** What became of the writes of a bulk write, some of which failed. Those in neither list are to be tried again. */
export interface SortedWrites {
  readonly stored: readonly PlannedWrite[];
  readonly refused: readonly { readonly brought: PreparedDocument; readonly reason: string }[];
  /** An error that is the server's and not a document's; one that stays goes before one that passes. */
  readonly serverFault: WriteError | undefined;
}

/** Whether the server took the batch, and reported on each of its writes. */
export function hasWriteErrors(error: MongoBulkWriteError): boolean {
  return writeErrorsOf(error).length > 0;
}

/** Tells what is stored, what this server can never store, and whether anything failed that is not the document's fault. */
export function sortWriteErrors(
  error: MongoBulkWriteError,
  writes: readonly PlannedWrite[],
  { isLastAttempt }: { readonly isLastAttempt: boolean },
): SortedWrites {
  const failed = new Map(writeErrorsOf(error).map((writeError) => [writeError.index, writeError]));
  const stored: PlannedWrite[] = [];
  const refused: { brought: PreparedDocument; reason: string }[] = [];
  let serverFault: WriteError | undefined;
  for (const [index, write] of writes.entries()) {
    const fault = failed.get(index);
    if (fault === undefined) {
      stored.push(write);
      continue;
    }
    const kind = kindOfCode(fault.code, "write");
    if (kind !== "document") {
      serverFault = kind === "permanent" ? fault : (serverFault ?? fault);
    } else if (isLastAttempt || !isInsertRace(fault, write)) {
      refused.push({ brought: write.brought, reason: reasonOf(fault.code, fault.errmsg) });
    }
  }
  return { stored, refused, serverFault };
}

/** Why this server can never store a document. */
export function reasonOf(code: unknown, said: string | undefined): string {
  return `MongoDB refuses it: ${said ?? "no reason given"} (code ${code})`;
}

/** Somebody else inserted it between our look and our write: what they stored is compared and updated. */
function isInsertRace({ code }: WriteError, { outcome }: PlannedWrite): boolean {
  return code === 11000 && outcome === "inserted";
}

function writeErrorsOf(error: MongoBulkWriteError): readonly WriteError[] {
  return [error.writeErrors].flat();
}
