import { createHash } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import type { BundleObject, StixBundle } from "./stix-bundle.js";

/** One release of one collection: what one bundle holds. */
export interface StixRelease {
  /** Where it came from, for messages. */
  readonly source: string;
  readonly collectionId: string;
  readonly title: string;
  readonly description?: string;
  /** The ATT&CK release such as `18.1`; absent: not an ATT&CK bundle. */
  readonly version?: string;
  /** When the release was made. */
  readonly modified: string;
  readonly objects: readonly BundleObject[];
}

const attackCollectionSchema = z.object({
  id: z.string(),
  type: z.literal("x-mitre-collection"),
  name: z.string(),
  description: z.string().optional(),
  x_mitre_version: z.string(),
  created: z.string().optional(),
  modified: z.string().optional(),
});

/**
 * An ATT&CK bundle says in its `x-mitre-collection` object which collection and release it is. Any other bundle
 * becomes a collection of its own, named after the file, with an id derived from that name.
 */
export function toStixRelease(source: string, bundle: StixBundle): StixRelease {
  const { objects } = bundle;
  for (const object of objects) {
    const attack = attackCollectionSchema.safeParse(object);
    if (!attack.success) {
      continue;
    }
    const { id, name, description, x_mitre_version: version, modified, created } = attack.data;
    return {
      source,
      collectionId: id,
      title: name,
      ...(description !== undefined && { description }),
      version,
      modified: modified ?? created ?? newest(objects),
      objects,
    };
  }
  const title = basename(source).replace(/\.json(\.gz)?$/, "");
  return { source, collectionId: nameBasedUuid(title), title, modified: newest(objects), objects };
}

/**
 * The releases of each collection, oldest first.
 *
 * @throws where two bundles are the same release of the same collection
 */
export function groupReleases(releases: readonly StixRelease[]): readonly (readonly StixRelease[])[] {
  const byCollection = new Map<string, StixRelease[]>();
  for (const release of releases) {
    const group = byCollection.get(release.collectionId) ?? [];
    byCollection.set(release.collectionId, group);
    const twin = group.find(({ version }) => version === release.version);
    if (twin !== undefined) {
      throw new Error(
        `${twin.source} and ${release.source} both contain ${[release.title, release.version].join(" ").trim()}: give only one of them`,
      );
    }
    group.push(release);
  }
  return [...byCollection.values()].map((group) => group.sort(compareReleases));
}

/**
 * Older first: by release number, then betas before what they became, then by date. A bundle without a number is
 * older than any with one.
 */
export function compareReleases(a: StixRelease, b: StixRelease): number {
  const [left, right] = [parseVersion(a.version), parseVersion(b.version)];
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i += 1) {
    const difference = (left.numbers[i] ?? -1) - (right.numbers[i] ?? -1);
    if (difference !== 0) {
      return difference;
    }
  }
  return Number(right.isBeta) - Number(left.isBeta) || Date.parse(a.modified) - Date.parse(b.modified);
}

function parseVersion(version = ""): { readonly numbers: readonly number[]; readonly isBeta: boolean } {
  const [digits = "", stage] = version.split("-");
  const numbers = digits === "" ? [] : digits.split(".").map((part) => Number.parseInt(part, 10) || 0);
  return { numbers, isBeta: stage !== undefined };
}

function newest(objects: readonly BundleObject[]): string {
  let result = "1970-01-01T00:00:00.000Z";
  for (const { modified, created } of objects) {
    const at = modified ?? created;
    if (at !== undefined && Date.parse(at) > Date.parse(result)) {
      result = at;
    }
  }
  return result;
}

/** A UUID of version 5 (RFC 9562 §5.5) in a namespace of its own. */
function nameBasedUuid(name: string): string {
  const bytes = createHash("sha1").update(`cti-connectors sandbox collection\n${name}`).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
