import type { StoreReader } from "@cti-connectors/core";
import { typeOfStixId } from "../documents/document-id.js";
import type { Change, ChangedField, Successor } from "./changes.js";
import { classifyModified, type ObjectState } from "./classify-change.js";
import type { VersionChange } from "./compare-contents.js";
import { findSuccessors } from "./find-successors.js";
import { readChangedFields } from "./read-changed-fields.js";
import {
  type Described,
  findStoredVersion,
  findVersion,
  type Newest,
  newestOf,
  readNewest,
  readVersions,
  type Versions,
} from "./stored-versions.js";

type Flag = "revoked" | "deprecated";

/** Names of two releases. */
export interface ComparedReleases {
  readonly from: string;
  readonly to: string;
}

/** Whether a version is revoked or deprecated, in that release where one is given. */
function isFlagged(version: Described, flag: Flag, release: string | undefined): boolean {
  const releases = version[`${flag}_in`];
  return release === undefined || releases === undefined ? version[flag] : releases.includes(release);
}

export interface DescribedChanges {
  readonly changes: readonly Change[];
  /** How many objects are not stored in the versions that are compared. */
  readonly notStored: number;
}

export interface DescribeOptions {
  /** Absent: what is listed now is compared with what was listed. */
  readonly between?: ComparedReleases;
  /** Say which fields of modified objects changed. */
  readonly withFields?: boolean | undefined;
  /** Keep objects that were revoked or deprecated before, too. */
  readonly includeRetired?: boolean | undefined;
}

/** Adds type, ATT&CK id, name and class, and says what is revoked or deprecated and was not before. */
export async function describeChanges(
  reader: StoreReader,
  collectionId: string,
  changes: readonly VersionChange[],
  { between, withFields = false, includeRetired = false }: DescribeOptions = {},
): Promise<DescribedChanges> {
  const objects = await readVersions(
    reader,
    collectionId,
    changes.map(({ objectId }) => objectId),
  );
  const ends = [...objects.values()]
    .flatMap((versions) => [...versions.values()])
    .flatMap(({ source_ref, target_ref }) => [source_ref, target_ref])
    .filter((end) => end !== undefined);
  const newest = await readNewest(reader, collectionId, objects, ends);
  const described = changes
    .map((change) => describe(change, objects.get(change.objectId), newest, between))
    .filter((change) => includeRetired || change.class !== "retired");
  const successors = await describeSuccessors(reader, collectionId, described, objects);
  const kept = new Set(described.map(({ id }) => id));
  const pairs = changes.flatMap((change) => pairOf(change, objects.get(change.objectId)));
  const fields = await readChangedFields(
    reader,
    collectionId,
    withFields ? pairs.filter(({ objectId }) => kept.has(objectId)) : [],
  );
  return {
    changes: described.map((change) => addDetails(change, successors.get(change.id), fields.get(change.id))),
    notStored: changes.filter((change) => !isStored(change, objects.get(change.objectId))).length,
  };
}

async function describeSuccessors(
  reader: StoreReader,
  collectionId: string,
  changes: readonly Change[],
  objects: ReadonlyMap<string, Versions>,
): Promise<ReadonlyMap<string, Successor>> {
  const revoked = changes.filter((change) => change.revoked).map(({ id }) => id);
  const targets = await findSuccessors(reader, revoked, { "data.collection_id": collectionId });
  const newest = await readNewest(reader, collectionId, objects, [...targets.values()]);
  return new Map([...targets].map(([id, target]) => [id, { id: target, ...naming(newest(target)) }]));
}

function naming(object: Described | undefined): Omit<Successor, "id"> {
  return {
    ...(object?.attack_id !== undefined && { attack_id: object.attack_id }),
    ...(object?.name !== undefined && { name: object.name }),
    ...(object?.url !== undefined && { url: object.url }),
  };
}

function addDetails(
  change: Change,
  revoked_by: Successor | undefined,
  fields: readonly ChangedField[] | undefined,
): Change {
  return { ...change, ...(revoked_by && { revoked_by }), ...(fields && { fields }) };
}

/** Nothing where the object was not modified, or both versions are one document, or a version is not stored. */
function pairOf({ objectId, version, previousVersion }: VersionChange, versions: Versions = new Map()) {
  const before = previousVersion === undefined ? undefined : findStoredVersion(versions, previousVersion);
  const after = findStoredVersion(versions, version);
  return before === undefined || after === undefined || before === after ? [] : [{ objectId, before, after }];
}

function isStored({ version, previousVersion }: VersionChange, versions: Versions = new Map()): boolean {
  return [version, previousVersion ?? version].every(
    (each) => findStoredVersion(versions, each) !== undefined,
  );
}

function describe(
  { change, objectId, version, previousVersion }: VersionChange,
  versions: Versions = new Map(),
  newest: Newest,
  between: ComparedReleases | undefined,
): Change {
  const exact = findVersion(versions, version);
  const now = exact ?? newestOf(versions);
  const before = previousVersion === undefined ? undefined : findVersion(versions, previousVersion);
  const was = before && stateOf(before, between?.from);
  const is = now && stateOf(now, between?.to);
  const became = (flag: Flag) => was !== undefined && is !== undefined && !was[flag] && is[flag];
  const modified = was && exact && is && classifyModified(was, is);
  const changeClass = change === "modified" ? modified : change === "added" ? "additions" : "deletions";
  const { name, ...named } = naming(now);
  const label = now?.type === "relationship" ? nameRelationship(now, newest) : name;
  return {
    change,
    ...(changeClass && { class: changeClass }),
    type: now?.type ?? typeOfStixId(objectId) ?? "unknown",
    id: objectId,
    ...named,
    ...(label !== undefined && { name: label }),
    version,
    ...(previousVersion !== undefined && { previous_version: previousVersion }),
    ...(is?.attack_version !== undefined && { attack_version: is.attack_version }),
    ...(was?.attack_version !== undefined && { previous_attack_version: was.attack_version }),
    ...(now?.tactics && { tactics: now.tactics }),
    ...(became("revoked") && { revoked: true }),
    ...(became("deprecated") && { deprecated: true }),
  };
}

function stateOf(version: Described, release: string | undefined): ObjectState {
  return {
    revoked: isFlagged(version, "revoked", release),
    deprecated: isFlagged(version, "deprecated", release),
    attack_version: version.attack_version,
  };
}

/** `Sandworm Team uses PowerShell (T1059.001)`. */
function nameRelationship(
  { relationship_type, source_ref, target_ref }: Described,
  newest: Newest,
): string | undefined {
  if (relationship_type === undefined || source_ref === undefined || target_ref === undefined) {
    return undefined;
  }
  const target = newest(target_ref);
  const targetId = target?.name === undefined ? undefined : target.attack_id;
  const verb = relationship_type.replaceAll("-", " ");
  const words = [newest(source_ref)?.name ?? source_ref, verb, target?.name ?? target_ref];
  return `${words.join(" ")}${targetId === undefined ? "" : ` (${targetId})`}`;
}
