import { MongoError } from "mongodb";
import { HttpConnectionError } from "../http/http-connection-error.js";
import { HttpStatusError } from "../http/http-status-error.js";
import { StoreWriteError } from "../store/store-write-error.js";

/** Wrong credentials, and a quota that is used up. */
const statusesOfAll: ReadonlySet<number> = new Set([401, 429]);

/**
 * Whether a failure would meet everything else that is asked of the same upstream and database, too: the network, the database, the
 * credentials or the quota is at fault. Any other refusal concerns only what was asked for, and the rest can be loaded.
 */
export function affectsEverything(error: unknown): boolean {
  if (error instanceof HttpStatusError) {
    return statusesOfAll.has(error.status);
  }
  if (error instanceof HttpConnectionError || error instanceof StoreWriteError) {
    return true;
  }
  if (error instanceof MongoError) {
    return true;
  }
  return error instanceof Error && error.cause !== undefined && affectsEverything(error.cause);
}
