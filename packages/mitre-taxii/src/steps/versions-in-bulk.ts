import { isSameVersion } from "../documents/is-same-version.js";
import { selectsByVersion } from "../freshness/manifest-questions.js";
import { type ObjectVersions, readAllVersions } from "../freshness/read-versions.js";
import type { ManifestSnapshot } from "../session/manifest-snapshot.js";
import { findUnmodifiedObjects } from "../stored/stored-objects.js";
import type { Load } from "./begin-load.js";

/**
 * The versions of a collection's objects as far as one request tells them, or none. Objects that are not in it are to be asked for one by one.
 */
export async function readVersionsInBulk(
  load: Load,
  id: string,
  manifest: ManifestSnapshot,
): Promise<ObjectVersions> {
  const { context, session } = load;
  const { versions } = manifest;
  const listed = () => new Map([...versions].map(([objectId, ofObject]) => [objectId, new Set(ofObject)]));
  const tellsSeveral = [...versions.values()].some(({ length }) => length > 1);
  if (tellsSeveral || session.listsAllVersions.has(id)) {
    return listed();
  }
  const answered = await readAllVersions(context, session, id, manifest);
  const bulk = answered === undefined ? listed() : withoutGaps(answered, manifest);
  if (answered !== undefined && !(await ignoresFilter(load, id, answered))) {
    return bulk;
  }
  const unmodified = await findUnmodifiedObjects(context.store, id);
  return new Map([...bulk].filter(([objectId]) => unmodified.has(objectId)));
}

/** Leaves out objects of which the answer lacks a version that the plain manifest lists: it may lack others, too. */
function withoutGaps(answered: ObjectVersions, { versions }: ManifestSnapshot): ObjectVersions {
  const holds = (told: ReadonlySet<string>, version: string) =>
    told.has(version) || [...told].some((other) => isSameVersion(other, version));
  return new Map(
    [...answered].filter(([objectId, told]) =>
      versions.get(objectId)?.every((version) => holds(told, version)),
    ),
  );
}

/** Whether `bulk` may lack versions, because the server overlooks the filter. */
async function ignoresFilter(load: Load, id: string, bulk: ObjectVersions): Promise<boolean> {
  if (load.own.answers_all || load.limited) {
    return false;
  }
  if ([...bulk.values()].some(({ size }) => size > 1)) {
    load.own.answers_all = true;
    return false;
  }
  return !(await selectsByVersion(load.session, id));
}
