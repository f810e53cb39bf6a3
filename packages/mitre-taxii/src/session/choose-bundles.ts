import { BundleError } from "../bundles/bundle-error.js";
import type { Bundle } from "../bundles/open-bundle.js";
import { compareReleaseVersions, isReleaseVersion } from "../config/release-version.js";
import type { ReleaseSelection } from "../config/releases-setting.js";
import { selectReleases } from "./select-releases.js";

/** The bundles of one release of ATT&CK. */
export interface BundledRelease {
  /** Undefined where no releases are asked for: the newest of each collection. */
  readonly release: string | undefined;
  readonly bundles: readonly Bundle[];
}

export interface ChosenBundles {
  /** Newest first, at least one. */
  readonly releases: readonly [BundledRelease, ...BundledRelease[]];
  /** Those that MITRE_RELEASES does not ask for. */
  readonly leftOut: readonly Bundle[];
}

/**
 * Which bundles are loaded, as which release. MITRE_RELEASES selects among them as among a server's releases; but where it is `latest` and a
 * collection comes in several releases, all are loaded: a file that is named is meant to be loaded.
 *
 * @throws BundleError where two bundles are the same, or MITRE_RELEASES asks for what none of them is
 */
export function chooseBundles(bundles: readonly Bundle[], selection: ReleaseSelection): ChosenBundles {
  refuseTwins(bundles);
  const collections = new Set(bundles.map(({ collectionId }) => collectionId));
  if (selection === "latest" && collections.size === bundles.length) {
    return { releases: [{ release: undefined, bundles }], leftOut: [] };
  }
  const odd = bundles.find(({ version }) => !isReleaseVersion(version.toLowerCase()));
  if (odd !== undefined) {
    throw new BundleError(
      `${odd.name} holds release ${odd.version} of ${odd.title}, which is not a version such as 18.1: load it alone, with MITRE_RELEASES=latest`,
    );
  }
  const versionsOf = (some: readonly Bundle[]) => [
    ...new Set(some.map(({ version }) => version.toLowerCase())),
  ];
  const known = versionsOf(bundles).sort((one, other) => compareReleaseVersions(other, one));
  const { selected, missing } = selectReleases(
    known.map((version) => ({ version })),
    selection === "latest" ? "all" : selection,
  );
  const [current, ...earlier] = selected.map(({ version }) => ({
    release: version,
    bundles: bundles.filter((bundle) => bundle.version.toLowerCase() === version),
  }));
  if (current === undefined || missing.length > 0) {
    throw new BundleError(
      `MITRE_RELEASES names releases that no bundle holds: ${missing.join(", ")}. The bundles hold ${[...known].reverse().join(", ")}: add the missing ones, or change MITRE_RELEASES`,
    );
  }
  const chosen = new Set([current, ...earlier].flatMap((release) => release.bundles));
  return { releases: [current, ...earlier], leftOut: bundles.filter((bundle) => !chosen.has(bundle)) };
}

function refuseTwins(bundles: readonly Bundle[]): void {
  const seen = new Map<string, Bundle>();
  for (const bundle of bundles) {
    const key = `${bundle.collectionId} ${bundle.version.toLowerCase()}`;
    const twin = seen.get(key);
    if (twin !== undefined) {
      throw new BundleError(
        `${twin.name} and ${bundle.name} contain the same release, ${bundle.title} ${bundle.version}: pass only one of them`,
      );
    }
    seen.set(key, bundle);
  }
}
