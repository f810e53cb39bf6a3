import { z } from "zod";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";
import { BundleError } from "./bundle-error.js";
import type { BundleFile } from "./obtain-bundle.js";
import { readBundle } from "./read-bundle.js";
import { servedObject } from "./served-object.js";

/** One release of one ATT&CK collection, in a bundle. */
export interface Bundle extends BundleFile {
  /** Id of its `x-mitre-collection` object, which is the collection's id on the TAXII server, too. */
  readonly collectionId: string;
  readonly title: string;
  readonly description: string | undefined;
  /** E.g. `18.1`. */
  readonly version: string;
  /** When the release was made: the version of its `x-mitre-collection` object. */
  readonly modified: string;
  /** What it holds. Reads the file, unless that is kept. */
  entries(): Promise<readonly BundleEntry[]>;
  /** Keeps in memory no longer what it holds. */
  forgetEntries(): void;
}

/** What is known of an entry without its content. */
export interface BundleEntry {
  /** Absent where the entry is no STIX object. */
  readonly object?: BundledObject;
}

export interface BundledObject {
  readonly id: string;
  readonly type: string;
  readonly specVersion: string | undefined;
  /** Where it has none, when the release was made. */
  readonly created: string;
  /** `modified`, else `created`. */
  readonly version: string;
}

/**
 * Reads a bundle from start to end, so that a broken one is found before anything of it is loaded.
 *
 * @throws BundleError where it is broken, no bundle, or not a release of ATT&CK
 */
export async function openBundle(place: BundleFile): Promise<Bundle> {
  const found = await indexBundle(place);
  let kept: readonly BundleEntry[] | undefined = found.entries;
  return {
    ...place,
    ...found.release,
    async entries() {
      kept ??= (await indexBundle(place)).entries;
      return kept;
    },
    forgetEntries() {
      kept = undefined;
    },
  };
}

const text = z.string().min(1);
const releaseObject = z.object({
  type: z.literal("x-mitre-collection"),
  id: text,
  name: text,
  description: z.string().optional().catch(undefined),
  x_mitre_version: text,
  created: z.string().optional(),
  modified: text,
});

async function indexBundle(place: BundleFile) {
  let release: z.output<typeof releaseObject> | undefined;
  const objects: (StixKeys | undefined)[] = [];
  for await (const entry of readBundle(place)) {
    const object = isStixObject(entry) ? servedObject(entry) : undefined;
    release ??= releaseObject.safeParse(object).data;
    objects.push(object && keysOf(object));
  }
  if (release === undefined) {
    throw new BundleError(
      `${place.name} is a STIX bundle, but not a release of ATT&CK: it has no x-mitre-collection object that names one. Releases are at https://github.com/mitre-attack/attack-stix-data`,
    );
  }
  const { id, name, description, x_mitre_version, modified } = release;
  const entries = objects.map((keys): BundleEntry => {
    if (keys === undefined) {
      return {};
    }
    const { created = modified, modified: version = created, ...rest } = keys;
    return { object: { ...rest, created, version } };
  });
  return {
    release: { collectionId: id, title: name, description, version: x_mitre_version, modified },
    entries,
  };
}

type StixKeys = ReturnType<typeof keysOf>;

function keysOf({ id, type, created, modified, spec_version }: StixObject) {
  return {
    id,
    type,
    created: textOf(created),
    modified: textOf(modified),
    specVersion: textOf(spec_version),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
