import { createHash } from "node:crypto";
import type { ManifestRecord } from "./taxii/manifest-record.js";
import type { TaxiiPage } from "./taxii/walk-pages.js";

/** What a collection's manifest listed when it was last read. */
export interface ManifestSnapshot {
  /** Object id → its listed versions, in the server's order. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** Of ids and versions in the server's order: the same fingerprint, the same pages. */
  readonly fingerprint: string;
  /** The version of the object that has the collection's own id: on the ATT&CK server it describes the release. */
  readonly release: string | undefined;
  /** False where something was left out: a limit, a cut-off walk, a record that could not be read. */
  readonly complete: boolean;
}

export interface ManifestSnapshotBuilder {
  add(page: TaxiiPage<ManifestRecord>): void;
  finish(): ManifestSnapshot;
}

/** @param wholeWalk false where the walk will be cut short */
export function startManifestSnapshot(collectionId: string, wholeWalk: boolean): ManifestSnapshotBuilder {
  const versions = new Map<string, string[]>();
  const hash = createHash("sha256");
  let pages = 0;
  let complete = wholeWalk;
  return {
    add(page) {
      for (const { id, version } of page.items) {
        hash.update(`${id}\n${version}\n`);
        const known = versions.get(id);
        if (known === undefined) versions.set(id, [version]);
        else if (!known.includes(version)) known.push(version);
      }
      if (page.malformed.length > 0 || (page.notFound && pages > 0)) complete = false;
      pages += 1;
    },
    finish: () => ({
      versions,
      fingerprint: hash.digest("hex"),
      release: versions.get(collectionId)?.at(-1),
      complete,
    }),
  };
}
