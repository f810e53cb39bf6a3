import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, unversioned } from "../documents/document-id.js";
import { sortTimestamps } from "../documents/timestamps.js";
import type { VersionChange } from "./compare-contents.js";

export interface ChangesSince {
  readonly changes: readonly VersionChange[];
  /** Documents that were stored anew under the version that they had. */
  readonly sameVersion: number;
}

const listedVersion = z.object({
  _id: z.string(),
  first_ingested_at: z.date(),
  ingested_at: z.date(),
  removed_at: z.date().nullish(),
  removed_reason: z.string().optional(),
  absences: z.array(z.object({ from: z.date(), to: z.date() })).default([]),
});

/** Versions of one object. */
interface Listed {
  /** Listed when the time began. */
  readonly before: Set<string>;
  readonly now: Set<string>;
  /** Withdrawn since. */
  readonly withdrawn: Set<string>;
  /** Stored anew since. */
  readonly again: Set<string>;
}

/**
 * Compares what a collection listed at a time, as far as it was stored by then, with what it lists now. An object that came and was
 * withdrawn since counts as withdrawn. What was stored as already removed, such as the history of releases, is no news; nor is what came
 * back and went again.
 */
export async function findChangesSince(
  reader: StoreReader,
  collectionId: string,
  since: Date,
): Promise<ChangesSince> {
  const objects = await readListed(reader, collectionId, since);
  const changes: VersionChange[] = [];
  let sameVersion = 0;
  for (const [objectId, listed] of objects) {
    const change = changeOf(listed);
    if (change !== undefined) {
      changes.push({ objectId, ...change });
    } else {
      sameVersion += listed.again.size;
    }
  }
  return { changes, sameVersion };
}

async function readListed(
  reader: StoreReader,
  collectionId: string,
  since: Date,
): Promise<ReadonlyMap<string, Listed>> {
  const objects = new Map<string, Listed>();
  const filter = {
    "data.collection_id": collectionId,
    $or: [{ removed_at: null }, { removed_at: { $gte: since } }],
  };
  const projection = {
    first_ingested_at: 1,
    ingested_at: 1,
    removed_at: 1,
    removed_reason: 1,
    absences: 1,
  } as const;
  for await (const document of reader.find("objects", filter, { projection })) {
    const { data } = listedVersion.safeParse(document);
    const parsed = data && parseVersionDocumentId(collectionId, data._id);
    if (data === undefined || parsed === undefined) {
      continue;
    }
    const { first_ingested_at, ingested_at, removed_at, removed_reason, absences } = data;
    const wasListed =
      first_ingested_at < since && !absences.some(({ from, to }) => from < since && since <= to);
    const { objectId, version } = parsed;
    const isStoredAsRemoved = (absences[0]?.from ?? removed_at)?.getTime() === first_ingested_at.getTime();
    const isNoNews = !wasListed && (isStoredAsRemoved || first_ingested_at < since);
    if (removed_at instanceof Date && isNoNews) {
      continue;
    }
    const listed = objects.get(objectId) ?? newListed();
    objects.set(objectId, listed);
    if (wasListed) {
      listed.before.add(version);
    }
    if (removed_at instanceof Date) {
      if (removed_reason === "withdrawn") {
        listed.withdrawn.add(version);
      }
    } else {
      listed.now.add(version);
      if (
        wasListed &&
        ingested_at >= since &&
        !absences.some(({ to }) => to.getTime() === ingested_at.getTime())
      ) {
        listed.again.add(version);
      }
    }
  }
  return objects;
}

function newListed(): Listed {
  return { before: new Set(), now: new Set(), withdrawn: new Set(), again: new Set() };
}

function changeOf({ before, now, withdrawn, again }: Listed): Omit<VersionChange, "objectId"> | undefined {
  if (now.size === 0) {
    return withdrawn.size === 0 ? undefined : { change: "withdrawn", version: newestOf(withdrawn) };
  }
  if (before.size === 0) {
    return { change: "added", version: newestOf(now) };
  }
  const came = [...now].filter((version) => !before.has(version));
  const went = [...before].filter((version) => !now.has(version));
  if (came.length > 0 || went.length > 0) {
    return {
      change: "modified",
      version: newestOf(came.length > 0 ? came : now),
      previousVersion: newestOf(went.length > 0 ? went : before),
    };
  }
  // What has no version can change in no other way.
  return again.has(unversioned) ? { change: "modified", version: unversioned } : undefined;
}

function newestOf(versions: Iterable<string>): string {
  return sortTimestamps(versions).at(-1) ?? unversioned;
}
