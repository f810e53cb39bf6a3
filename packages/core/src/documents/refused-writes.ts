import type { MongoBulkWriteError, MongoServerError, WriteError } from "mongodb";
import { kindOfCode } from "../store/mongo-error-codes.js";
import type { PlannedWrite } from "./plan-write.js";
import type { PreparedDocument } from "./prepare-document.js";

interface RefusedWrite<Write> {
  readonly write: Write;
  readonly refusal: MongoServerError;
}

/** After this many single refusals, the server is assumed to refuse everything. */
const refusedInARow = 3;

/**
 * Finds the writes because of which a server refuses a whole command: halves are tried until each such write is alone. It is to blame
 * where the code can mean nothing else, or where the server takes others of the same command.
 *
 * @param refusal of the command with all of these writes
 * @param tryWrites sends some of them: undefined where the server takes the command, or its refusal. What it throws ends the search
 * @throws MongoServerError the refusal, where the server takes none of the writes
 */
export async function findRefusedWrites<Write>(
  writes: readonly Write[],
  refusal: MongoServerError,
  tryWrites: (writes: readonly Write[]) => Promise<MongoServerError | undefined>,
): Promise<readonly RefusedWrite<Write>[]> {
  const found: RefusedWrite<Write>[] = [];
  let isSomeTaken = false;

  async function narrow(list: readonly Write[], refused: MongoServerError): Promise<void> {
    const [write] = list;
    if (write !== undefined && list.length === 1) {
      found.push({ write, refusal: refused });
      if (found.length >= refusedInARow) {
        throwUnlessBlamed();
      }
      return;
    }
    const middle = Math.ceil(list.length / 2);
    for (const half of [list.slice(0, middle), list.slice(middle)]) {
      const refusedHalf = await tryWrites(half);
      if (refusedHalf === undefined) {
        isSomeTaken = true;
      } else {
        await narrow(half, refusedHalf);
      }
    }
  }

  function throwUnlessBlamed(): void {
    const doubtful = found.find(({ refusal: { code } }) => kindOfCode(code, "command") !== "document");
    if (doubtful !== undefined && !isSomeTaken) {
      throw doubtful.refusal;
    }
  }

  await narrow(writes, refusal);
  throwUnlessBlamed();
  return found;
}

/** What became of the writes of a bulk write, some of which failed. Those in neither list are to be tried again. */
interface SortedWrites {
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
