import { typeOfStixId } from "../documents/document-id.js";
import { tookTooLong } from "../session/adapt-page-size.js";
import type { TaxiiSession } from "../session/taxii-session.js";
import { isManifestRecord } from "../taxii/manifest-record.js";
import { isRefusal, notUnderstood } from "../taxii/refusals.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { CompleteLoad } from "./complete-load.js";

/** A server that overlooks a filter sends no more records than these in vain. */
const limit = 20;

type Asked = Pick<TaxiiSession, "root" | "answers">;

/** Whether the server says that the manifest is the one that these validators came with. One request. */
export async function isNotModified(
  { root, answers }: Asked,
  id: string,
  validators: NonNullable<CompleteLoad["validators"]>,
): Promise<boolean> {
  return askOnce(answers, `${id} ${JSON.stringify(validators)}`, async () => {
    const { etag, last_modified } = validators;
    const unless = {
      ...(etag !== null && { etag }),
      ...(last_modified !== null && { lastModified: last_modified }),
    };
    const walk = root.manifest(id, { limit: validators.limit, unless, retryTimeouts: false });
    const answer = await firstPageOf(walk).catch((error: unknown) => {
      if (tookTooLong(error)) {
        return undefined;
      }
      throw error;
    });
    return answer !== undefined && "notModified" in answer && answer.notModified;
  });
}

/** No object has a version of that time. */
const noVersion = "1970-01-01T00:00:00.000Z";

/**
 * Whether the server selects by `match[version]`: one that overlooks it has records even of a version that does not exist. One request,
 * whatever the collection.
 */
export async function selectsByVersion({ root, answers }: Asked, id: string): Promise<boolean> {
  return askOnce(answers, "selects by version", async () => {
    const answer = await firstPageOf(root.manifest(id, { limit, match: { version: noVersion } }));
    return answer instanceof TaxiiError ? notUnderstood(answer) : answer.entries.length === 0;
  });
}

/** Whether the manifest has no record that was added after this timestamp. One request. */
export async function hasNothingAddedAfter(
  { root, answers }: Asked,
  id: string,
  addedAfter: string,
): Promise<boolean> {
  return askOnce(answers, `${id} ${addedAfter}`, async () => {
    const answer = await firstPageOf(root.manifest(id, { limit, addedAfter }));
    return !(answer instanceof TaxiiError) && answer.entries.length === 0 && answer.next === undefined;
  });
}

async function askOnce(
  answers: Map<string, boolean>,
  question: string,
  ask: () => Promise<boolean>,
): Promise<boolean> {
  const answer = answers.get(question) ?? (await ask());
  answers.set(question, answer);
  return answer;
}

const releaseType = "x-mitre-collection";

/**
 * The version of the release that a collection holds: of the object that has the collection's own id, as on the public ATT&CK
 * server. At most one small request per run.
 *
 * @returns undefined where there is no such object, or the server does not understand the question
 */
export async function readRelease(
  { root, releases }: TaxiiSession,
  collectionId: string,
): Promise<string | undefined> {
  if (!releases.has(collectionId)) {
    const answer = await firstPageOf(root.manifest(collectionId, { limit, match: { type: releaseType } }));
    const records = answer instanceof TaxiiError ? [] : answer.entries.filter(isManifestRecord);
    const isSelected = records.every(({ id }) => typeOfStixId(id) === releaseType);
    const own = records.find(({ id }) => id === collectionId);
    releases.set(collectionId, isSelected ? own?.version : undefined);
  }
  return releases.get(collectionId);
}

/** The first page of a listing, or the server's refusal. */
async function firstPageOf<Page>(pages: AsyncIterable<Page>): Promise<Page | TaxiiError> {
  try {
    for await (const page of pages) {
      return page;
    }
  } catch (error) {
    if (error instanceof TaxiiError && isRefusal(error)) {
      return error;
    }
    throw error;
  }
  throw new TypeError("a walk has at least one page");
}
