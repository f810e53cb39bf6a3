import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StixObject } from "../taxii/stix-object.js";

export interface BundleFolder {
  /** Writes a STIX bundle and returns its file name. */
  write(name: string, objects: readonly object[]): Promise<string>;
  remove(): Promise<void>;
}

/** A temporary folder for bundles that a sandbox serves. */
export async function createBundleFolder(): Promise<BundleFolder> {
  const folder = await mkdtemp(join(tmpdir(), "mitre-taxii-"));
  return {
    async write(name, objects) {
      const file = join(folder, `${name}.json`);
      await writeFile(file, JSON.stringify({ type: "bundle", id: "bundle--1", objects }));
      return file;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The object that makes a bundle a release of an ATT&CK collection. */
export function attackRelease(collectionId: string, version: string, modified: string): StixObject {
  return {
    type: "x-mitre-collection",
    id: collectionId,
    spec_version: "2.1",
    name: `Release of ${collectionId}`,
    x_mitre_version: version,
    created: "2020-01-01T00:00:00.000Z",
    modified,
    x_mitre_contents: [1, 2, 3, 4, 5].map((n) => ({ object_ref: `tool--${n}`, object_modified: modified })),
  };
}

export function tool(id: string, modified: string, more: Readonly<Record<string, string>> = {}): StixObject {
  return {
    type: "tool",
    id: `tool--${id}`,
    spec_version: "2.1",
    created: "2021-01-01T00:00:00.000Z",
    modified,
    name: `tool ${id}`,
    ...more,
  };
}

export interface WordedRelease {
  readonly collectionId: string;
  readonly version: string;
  /** When the release itself was modified. */
  readonly at: string;
  /** Id of a tool → its version. */
  readonly tools: Readonly<Record<string, string>>;
}

/** A whole release, which words all its objects in its own way. */
export function wordedRelease({ collectionId, version, at, tools }: WordedRelease): readonly StixObject[] {
  const ids = Object.entries(tools);
  return [
    {
      ...attackRelease(collectionId, version, at),
      x_mitre_contents: ids.map(([id, modified]) => ({
        object_ref: `tool--${id}`,
        object_modified: modified,
      })),
    },
    ...ids.map(([id, modified]) => tool(id, modified, { description: `as in ${version}` })),
  ];
}
