import { tookTooLong } from "../session/adapt-page-size.js";
import { isRefusal, notUnderstood } from "../taxii/refusals.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { CompleteLoad } from "./complete-load.js";

/** A server that overlooks a filter sends no more records than these in vain. */
const mostInVain = 20;

/** Whether the server says that the manifest is the one that these validators came with. One request. */
export async function isNotModified(
  root: TaxiiApiRoot,
  collectionId: string,
  { etag, last_modified, limit }: NonNullable<CompleteLoad["validators"]>,
): Promise<boolean> {
  const unless = {
    ...(etag !== null && { etag }),
    ...(last_modified !== null && { lastModified: last_modified }),
  };
  const walk = root.manifest(collectionId, { limit, unless, retryTimeouts: false });
  try {
    for await (const { notModified } of walk) {
      return notModified;
    }
    return false;
  } catch (error) {
    if (tookTooLong(error) || (error instanceof TaxiiError && isRefusal(error))) {
      return false;
    }
    throw error;
  }
}

/** No object has a version of that time. */
const noVersion = "1970-01-01T00:00:00.000Z";

/** Whether the server selects by `match[version]`: one that overlooks it has records even of a version that does not exist. One request. */
export async function selectsByVersion(root: TaxiiApiRoot, collectionId: string): Promise<boolean> {
  try {
    for await (const page of root.manifest(collectionId, {
      limit: mostInVain,
      match: { version: noVersion },
    })) {
      return page.items.length === 0;
    }
    return true;
  } catch (error) {
    if (error instanceof TaxiiError && isRefusal(error)) {
      return notUnderstood(error);
    }
    throw error;
  }
}

/** Whether the manifest has no record that was added after this timestamp. One request. */
export async function hasNothingAddedAfter(
  root: TaxiiApiRoot,
  collectionId: string,
  addedAfter: string,
): Promise<boolean> {
  try {
    for await (const page of root.manifest(collectionId, { limit: mostInVain, addedAfter })) {
      return page.items.length === 0 && page.malformed.length === 0 && page.next === undefined;
    }
    return false;
  } catch (error) {
    if (error instanceof TaxiiError && isRefusal(error)) {
      return false;
    }
    throw error;
  }
}
