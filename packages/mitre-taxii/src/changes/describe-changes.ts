import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, typeOfStixId } from "../documents/document-id.js";
import { isSameVersion, sortTimestamps } from "../documents/timestamps.js";
import type { Change } from "./changes.js";
import type { VersionChange } from "./compare-contents.js";

const text = z.string().optional();
const described = z.object({
  type: z.string(),
  attack_id: text,
  name: text,
  revoked: z.boolean(),
  deprecated: z.boolean(),
  relationship_type: text,
  source_ref: text,
  target_ref: text,
  /** The releases in which it is so, where it is not the same in all of its releases. */
  deprecated_in: z.array(z.string()).optional(),
  revoked_in: z.array(z.string()).optional(),
});
type Described = z.output<typeof described>;
/** Version → what is stored of it. */
type Versions = ReadonlyMap<string, Described>;

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

/** Adds type, ATT&CK id and name, and tells what is revoked or deprecated and was not before. */
export async function describeChanges(
  reader: StoreReader,
  collectionId: string,
  changes: readonly VersionChange[],
  between?: ComparedReleases,
): Promise<DescribedChanges> {
  const objects = await readVersions(
    reader,
    collectionId,
    changes.map(({ objectId }) => objectId),
  );
  const ends = [...objects.values()]
    .flatMap((versions) => [...versions.values()])
    .flatMap(({ source_ref, target_ref }) => [source_ref, target_ref])
    .filter((end) => end !== undefined)
    .filter((end) => !objects.has(end));
  const others = await readVersions(reader, collectionId, [...new Set(ends)]);
  const newest = (id: string) => newestOf(objects.get(id) ?? others.get(id));
  return {
    changes: changes.map((change) => describe(change, objects.get(change.objectId), newest, between)),
    notStored: changes.filter((change) => !isStored(change, objects.get(change.objectId))).length,
  };
}

function isStored({ version, previousVersion }: VersionChange, versions: Versions = new Map()): boolean {
  return [version, previousVersion ?? version].every((each) => findVersion(versions, each) !== undefined);
}

function describe(
  { change, objectId, version, previousVersion }: VersionChange,
  versions: Versions | undefined,
  newest: (id: string) => Described | undefined,
  between: ComparedReleases | undefined,
): Change {
  const now = versions && (findVersion(versions, version) ?? newestOf(versions));
  const before =
    versions && previousVersion !== undefined ? findVersion(versions, previousVersion) : undefined;
  const became = (flag: Flag) =>
    before !== undefined &&
    now !== undefined &&
    !isFlagged(before, flag, between?.from) &&
    isFlagged(now, flag, between?.to);
  const name = now?.type === "relationship" ? tellRelationship(now, newest) : now?.name;
  return {
    change,
    type: now?.type ?? typeOfStixId(objectId) ?? "unknown",
    id: objectId,
    ...(now?.attack_id !== undefined && { attack_id: now.attack_id }),
    ...(name !== undefined && { name }),
    version,
    ...(previousVersion !== undefined && { previous_version: previousVersion }),
    ...(became("revoked") && { revoked: true }),
    ...(became("deprecated") && { deprecated: true }),
  };
}

/** `Sandworm Team uses PowerShell (T1059.001)`. */
function tellRelationship(
  { relationship_type, source_ref, target_ref }: Described,
  newest: (id: string) => Described | undefined,
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

function findVersion(versions: Versions, version: string): Described | undefined {
  const exact = versions.get(version);
  if (exact !== undefined) {
    return exact;
  }
  for (const [stored, object] of versions) {
    if (isSameVersion(stored, version)) {
      return object;
    }
  }
  return undefined;
}

function newestOf(versions: Versions | undefined): Described | undefined {
  const newest = versions && sortTimestamps(versions.keys()).at(-1);
  return newest === undefined ? undefined : versions?.get(newest);
}

async function readVersions(
  reader: StoreReader,
  collectionId: string,
  objectIds: readonly string[],
): Promise<ReadonlyMap<string, Versions>> {
  const objects = new Map<string, Map<string, Described>>();
  const projection = Object.fromEntries(
    Object.keys(described.shape).map((field) => [`enriched.${field}`, 1 as const]),
  );
  for (const ids of listsOfIds(objectIds)) {
    const filter = { "data.objects.id": { $in: ids } };
    for await (const { _id, enriched } of reader.find("objects", filter, { projection })) {
      const parsed = typeof _id === "string" ? parseVersionDocumentId(collectionId, _id) : undefined;
      const { data } = described.safeParse(enriched);
      if (parsed === undefined || data === undefined) {
        continue;
      }
      const versions = objects.get(parsed.objectId) ?? new Map<string, Described>();
      objects.set(parsed.objectId, versions.set(parsed.version, data));
    }
  }
  return objects;
}
