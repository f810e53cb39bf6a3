import { MongoError } from "mongodb";
import { HttpConnectionError, HttpStatusError } from "../http/http-errors.js";
import { StoreError } from "../store/with-store-retry.js";

/** Wrong credentials, and a quota that is used up. */
const statusesOfAll: ReadonlySet<number> = new Set([401, 429]);

/**
 * Whether a failure would also affect all other requests to the same upstream and database: the network, the database, the credentials or
 * the quota is at fault. Any other refusal concerns only this request, and the rest can be loaded.
 */
export function affectsEverything(error: unknown): boolean {
  if (error instanceof HttpStatusError) {
    return statusesOfAll.has(error.status);
  }
  if (error instanceof HttpConnectionError || error instanceof StoreError || error instanceof MongoError) {
    return true;
  }
  return error instanceof Error && error.cause !== undefined && affectsEverything(error.cause);
}
