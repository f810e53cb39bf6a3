import type { ReleaseSelection } from "../config/releases-setting.js";
import type { TaxiiClient } from "../taxii/taxii-client.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import { findPinnedReleases, type PinnedRelease, selectReleases } from "./select-releases.js";

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
