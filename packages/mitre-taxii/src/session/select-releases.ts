import type { Logger } from "@cti-connectors/core";
import { compareReleaseVersions, isReleaseVersion } from "../config/release-version.js";
import type { ReleaseSelection } from "../config/releases-setting.js";
import type { TaxiiClient } from "../taxii/taxii-client.js";
import { TaxiiError } from "../taxii/taxii-error.js";

/** An API root that holds one release of ATT&CK and never changes. */
export interface PinnedRelease {
  /** E.g. `18.1`. */
  readonly version: string;
  /** Absolute URL, ending in a slash. */
  readonly url: string;
}

/** What messages and reports call a release: as its API root. */
export function nameOfRelease(version: string): string {
  return `attack-${version}`;
}

/**
 * Says that a release cannot be loaded in this run.
 *
 * @param refusal what its API root answered; undefined where it has no collection
 */
export function warnOfLostRelease(log: Logger, { version, url }: PinnedRelease, refusal: unknown): void {
  const why = refusal === undefined ? "lists no collection" : "is gone";
  log.warn(
    { release: version, url },
    `${nameOfRelease(version)} is not loaded: its API root ${why}. The next run tries again`,
  );
}

/**
 * The API roots that are pinned to a release, newest first. The public server calls them `/api/v21/attack-18.1/`.
 *
 * @param apiRoots absolute URLs, ending in a slash
 */
export function findPinnedReleases(apiRoots: readonly string[]): readonly PinnedRelease[] {
  const pinned = new Map<string, PinnedRelease>();
  for (const url of apiRoots) {
    const version = /\/attack-([^/]+)\/$/.exec(new URL(url).pathname)?.[1]?.toLowerCase();
    if (version !== undefined && isReleaseVersion(version)) {
      pinned.set(version, { version, url });
    }
  }
  return [...pinned.values()].sort((one, other) => compareReleaseVersions(other.version, one.version));
}

export interface SelectedReleases<Release> {
  /** In the order of `pinned`. */
  readonly selected: readonly Release[];
  /** Versions that the server has not, and ranges in which it has none. */
  readonly missing: readonly string[];
}

/** Picks the releases to load. */
export function selectReleases<Release extends Pick<PinnedRelease, "version">>(
  pinned: readonly Release[],
  selection: Exclude<ReleaseSelection, "latest">,
): SelectedReleases<Release> {
  if (selection === "all") {
    return { selected: pinned, missing: [] };
  }
  const wanted = new Set<Release>();
  const missing: string[] = [];
  for (const item of selection) {
    const { from, to } = typeof item === "string" ? { from: item, to: item } : item;
    const found = pinned.filter(
      ({ version }) => compareReleaseVersions(from, version) <= 0 && compareReleaseVersions(version, to) <= 0,
    );
    if (found.length === 0) {
      missing.push(typeof item === "string" ? item : `${from}..${to}`);
    }
    for (const release of found) {
      wanted.add(release);
    }
  }
  return { selected: pinned.filter((release) => wanted.has(release)), missing };
}

export interface FoundReleases {
  /** All that discovery lists, newest first. */
  readonly pinned: readonly PinnedRelease[];
  /** Newest first, at least one. */
  readonly selected: readonly [PinnedRelease, ...PinnedRelease[]];
}

/**
 * Finds the selected releases among the API roots that discovery lists. One request.
 *
 * @throws TaxiiError where the server has no such releases, or is not asked at its discovery URL
 */
export async function openReleases(
  client: TaxiiClient,
  selection: Exclude<ReleaseSelection, "latest">,
): Promise<FoundReleases> {
  const found = await client.discover();
  const where = { request: "discovery", url: found.url };
  if (found.kind === "api-root") {
    throw new TaxiiError({
      ...where,
      title: "MITRE_TAXII_URL is an API root, but only discovery lists the releases",
      description:
        "set MITRE_TAXII_URL to the server's discovery URL, such as https://attack-taxii.mitre.org/taxii2/, or MITRE_RELEASES to latest",
    });
  }
  const pinned = findPinnedReleases(found.apiRoots);
  if (pinned.length === 0) {
    throw new TaxiiError({
      ...where,
      title: "the server has no API root of a single ATT&CK release (…/attack-<version>/)",
      description: `it has ${found.apiRoots.join(", ")}: set MITRE_RELEASES to latest`,
    });
  }
  const { selected, missing } = selectReleases(pinned, selection);
  const [current, ...earlier] = selected;
  if (current === undefined || missing.length > 0) {
    const has = pinned.map(({ version }) => version).reverse();
    throw new TaxiiError({
      ...where,
      title: `MITRE_RELEASES names releases that the server does not have: ${missing.join(", ")}`,
      description: `it has ${has.join(", ")}`,
    });
  }
  return { pinned, selected: [current, ...earlier] };
}
