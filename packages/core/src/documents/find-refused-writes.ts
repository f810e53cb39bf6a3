import type { MongoServerError } from "mongodb";
import { kindOfCode } from "../store/mongo-error-codes.js";

export interface RefusedWrite<Write> {
  readonly write: Write;
  readonly refusal: MongoServerError;
}

/** So many writes are refused one by one before the server is held to refuse everything. */
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
