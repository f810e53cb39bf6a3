import {
  type EnrichedObject,
  isJsonObject,
  type JsonObject,
  type LoadDocument,
  type StoredContent,
} from "@cti-connectors/core";
import { z } from "zod";
import { compareReleaseVersions } from "../config/release-version.js";
import { versionsDocument } from "./versions-document.js";

const releases = z.looseObject({ releases: z.array(z.string()).default([]) });
const objectContent = z.object({
  data: z.custom<JsonObject>(isJsonObject),
  enriched: z.custom<EnrichedObject>((value) => typeof value === "object" && value !== null),
});
const versionsContent = z.object({
  data: z.object({
    collection_id: z.string(),
    object_id: z.string(),
    versions: z.object({ versions: z.array(z.string()) }),
  }),
});

/**
 * Joins what two releases say of one version of an object. It knows all its releases, and its content is that of the newest of them,
 * since releases also change objects without a new version; in whatever order they come. What comes from no
 * release is what the server calls the latest: its content wins.
 */
export function reconcileObject(document: LoadDocument, stored: StoredContent): LoadDocument {
  const brought = releasesOf(document.enriched);
  const known = releasesOf(stored.enriched);
  const all = sortReleases([...brought, ...known]);
  if (all.length === 0) {
    return document;
  }
  const isOlder =
    brought.length > 0 &&
    known.some((version) => brought.every((other) => compareReleaseVersions(version, other) > 0));
  const kept = isOlder ? objectContent.safeParse(stored).data : undefined;
  const { data, enriched } = kept ?? document;
  const { deprecated_in: _deprecated, revoked_in: _revoked, ...rest } = enriched;
  const flagged = (flag: Flag) => joinFlag(flag, document.enriched, stored.enriched, all);
  return {
    ...document,
    data,
    enriched: { ...rest, releases: all, ...flagged("deprecated"), ...flagged("revoked") },
  };
}

type Flag = "deprecated" | "revoked";

/** The releases in which a version is deprecated or revoked, where it is not the same in all of them: some releases change that in place. */
function joinFlag(
  flag: Flag,
  brought: unknown,
  stored: unknown,
  all: readonly string[],
): { readonly [field: string]: readonly string[] } {
  const told = releasesOf(brought);
  const before = flaggedIn(flag, stored).filter((release) => !told.includes(release));
  const flagged = sortReleases([...flaggedIn(flag, brought), ...before]);
  return flagged.length === 0 || flagged.length === all.length ? {} : { [`${flag}_in`]: flagged };
}

const flags = z.looseObject({
  deprecated: z.boolean().default(false),
  revoked: z.boolean().default(false),
  deprecated_in: z.array(z.string()).optional(),
  revoked_in: z.array(z.string()).optional(),
});

function flaggedIn(flag: Flag, enriched: unknown): readonly string[] {
  const known = flags.safeParse(enriched).data;
  return known?.[`${flag}_in`] ?? (known?.[flag] ? releasesOf(enriched) : []);
}

/** Joins the versions of an object that several releases have. Without a release, what is brought replaces what is stored. */
export function reconcileVersions(document: LoadDocument, stored: StoredContent): LoadDocument {
  const all = sortReleases([...releasesOf(document.enriched), ...releasesOf(stored.enriched)]);
  const brought = versionsContent.safeParse(document).data?.data;
  const known = versionsContent.safeParse(stored).data?.data;
  if (all.length === 0 || brought === undefined || known === undefined) {
    return document;
  }
  const versions = [...brought.versions.versions, ...known.versions.versions];
  return { ...document, ...versionsDocument({ ...brought, versions, releases: all }) };
}

function releasesOf(enriched: unknown): readonly string[] {
  return releases.safeParse(enriched).data?.releases ?? [];
}

/** Oldest first, each once. */
function sortReleases(versions: readonly string[]): readonly string[] {
  return [...new Set(versions)].sort(compareReleaseVersions);
}
