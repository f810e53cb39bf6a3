import { typeOfStixId } from "../documents/type-of-stix-id.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { isRefusal } from "../taxii/refusals.js";
import { TaxiiError } from "../taxii/taxii-error.js";

const releaseType = "x-mitre-collection";
/** A server that overlooks the filter sends no more than these in vain. */
const limit = 20;

/**
 * The version of the release that a collection holds: of the object that has the collection's own id, as on the public ATT&CK
 * server. At most one small request per run.
 *
 * @returns undefined where there is no such object, or the server does not understand the question
 */
export async function readRelease(session: TaxiiSession, collectionId: string): Promise<string | undefined> {
  if (!session.releases.has(collectionId)) {
    session.releases.set(collectionId, await askForRelease(session, collectionId));
  }
  return session.releases.get(collectionId);
}

async function askForRelease({ root }: TaxiiSession, collectionId: string): Promise<string | undefined> {
  try {
    for await (const { items } of root.manifest(collectionId, { limit, match: { type: releaseType } })) {
      if (items.some(({ id }) => typeOfStixId(id) !== releaseType)) {
        return undefined;
      }
      return items.find(({ id }) => id === collectionId)?.version;
    }
    return undefined;
  } catch (error) {
    if (error instanceof TaxiiError && isRefusal(error)) {
      return undefined;
    }
    throw error;
  }
}
