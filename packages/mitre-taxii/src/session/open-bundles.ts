import type { OpenContext, StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { BundleError } from "../bundles/bundle-error.js";
import { openBundleRoot } from "../bundles/bundle-root.js";
import { obtainBundle } from "../bundles/obtain-bundle.js";
import { type Bundle, openBundle } from "../bundles/open-bundle.js";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { compareReleaseVersions } from "../config/release-version.js";
import type { ReleaseSelection } from "../config/releases-setting.js";
import { versionDocumentId } from "../documents/document-id.js";
import type { TaxiiCollection } from "../taxii/collections.js";
import { withTrailingSlash } from "../taxii/discovery.js";
import { type BundledRelease, chooseBundles } from "./choose-bundles.js";
import { lackingNone, type OpenedRoot } from "./open-current-release.js";
import { readStoredCollections } from "./select-collections.js";
import { nameOfRelease } from "./select-releases.js";

/**
 * Opens bundles in the place of the server's API roots. All are read from start to end, so that nothing is loaded if one of them is broken.
 *
 * @param sources paths and URLs
 * @param storedRoot the API root that an earlier run loaded from
 * @throws BundleError where a bundle cannot be loaded; AggregateError of several
 * @throws what `obtainBundle` throws
 */
export async function openBundles(
  context: OpenContext<MitreTaxiiConfig>,
  sources: readonly string[],
  storedRoot: string | undefined,
): Promise<OpenedRoot> {
  const { config, log, store } = context;
  const bundles = await openAll(context, sources);
  const { releases, leftOut } = chooseBundles(bundles, config.MITRE_RELEASES);
  for (const { name, title, version } of leftOut) {
    log.warn(
      { bundle: name },
      `${name} holds ${title} ${version}, which MITRE_RELEASES does not name: left out`,
    );
  }
  const [current, ...earlier] = releases;
  if (!isChoice(config.MITRE_RELEASES)) {
    await refuseOlder(store, current.bundles);
  }
  for (const bundle of earlier.flatMap((release) => release.bundles)) {
    bundle.forgetEntries();
  }
  const latestRoot = findLatestRoot(config.MITRE_TAXII_URL, storedRoot);
  const open = ({ release, bundles: ofRelease }: BundledRelease) =>
    openBundleRoot(rootOf(latestRoot, release), ofRelease);
  const root = open(current);
  const bundled = await root.collections();
  return {
    ...{ root, release: current.release, bundled, missing: [], lacking: lackingNone, pinsReleases: true },
    listed: await listBesideStored(store, root.url, bundled, current),
    earlier: earlier.flatMap(({ release }) =>
      release === undefined ? [] : [{ version: release, url: rootOf(latestRoot, release) }],
    ),
    openEarlier: ({ version, url }) =>
      openBundleRoot(url, earlier.find(({ release }) => release === version)?.bundles ?? []),
  };
}

async function openAll(
  context: OpenContext<MitreTaxiiConfig>,
  sources: readonly string[],
): Promise<readonly Bundle[]> {
  const bundles: Bundle[] = [];
  const faults: BundleError[] = [];
  for (const source of new Set(sources)) {
    context.signal.throwIfAborted();
    try {
      const place = await obtainBundle(source, context);
      const bundle = await openBundle(place);
      const { name, title, version, collectionId } = bundle;
      context.log.info({ bundle: name, collection: collectionId }, `${name} holds ${title} ${version}`);
      bundles.push(bundle);
    } catch (error) {
      if (!(error instanceof BundleError)) {
        throw error;
      }
      faults.push(error);
    }
  }
  if (faults.length > 1) {
    throw new AggregateError(faults, "");
  }
  if (faults[0] !== undefined) {
    throw faults[0];
  }
  return bundles;
}

/** Whether the person named the very releases, so that an older one than the stored one is meant. */
function isChoice(selection: ReleaseSelection): boolean {
  return typeof selection === "object" && selection.every((item) => typeof item === "string");
}

const storedRelease = z.object({ enriched: z.object({ attack_version: z.string() }) });

/** @throws BundleError where a newer release of a collection is current than the newest that a bundle holds: it would be withdrawn */
async function refuseOlder(store: StoreReader, bundles: readonly Bundle[]): Promise<void> {
  for (const { collectionId, title, name, version } of bundles) {
    const current = { "data.collection_id": collectionId, "data.objects.id": collectionId, removed_at: null };
    const options = { projection: { "enriched.attack_version": 1 } } as const;
    for await (const document of store.find("objects", current, options)) {
      const stored = storedRelease.safeParse(document).data?.enriched.attack_version;
      if (stored !== undefined && compareReleaseVersions(version, stored) < 0) {
        throw new BundleError(
          `${name} holds ${title} ${version}, but ${stored} is stored: what is only in ${stored} would be withdrawn. To add ${version} as an earlier release, give the bundle of ${stored}, too; to go back to ${version}, set MITRE_RELEASES=${version}`,
        );
      }
    }
  }
}

/**
 * The address of the latest release, which documents are stored under: the one that was loaded from before, or else where the ATT&CK server
 * keeps it. A server is not asked.
 *
 * @param url MITRE_TAXII_URL
 */
function findLatestRoot(url: string, storedRoot: string | undefined): string {
  if (storedRoot !== undefined) {
    return storedRoot.replace(/\/attack-[^/]+\/$/, "/");
  }
  const given = withTrailingSlash(new URL(url));
  return given.pathname === "/taxii2/" ? new URL("/api/v21/", given).href : given.href;
}

function rootOf(latestRoot: string, release: string | undefined): string {
  return release === undefined ? latestRoot : new URL(`${nameOfRelease(release)}/`, latestRoot).href;
}

/**
 * The collections of an API root: those of the bundles, and those that are stored of it. A bundle may describe a collection in other words
 * than the server, so what is stored of the same release stays.
 */
async function listBesideStored(
  store: StoreReader,
  apiRoot: string,
  bundled: readonly TaxiiCollection[],
  { release, bundles }: BundledRelease,
): Promise<readonly TaxiiCollection[]> {
  const isStored = async (id: string) => {
    const { modified = "" } = bundles.find(({ collectionId }) => collectionId === id) ?? {};
    return (
      release !== undefined || (await store.exists("objects", { _id: versionDocumentId(id, id, modified) }))
    );
  };
  const stored = (await readStoredCollections(store, apiRoot)) ?? [];
  const changed = new Map<string, TaxiiCollection>();
  for (const collection of bundled) {
    if (stored.every(({ id }) => id !== collection.id) || !(await isStored(collection.id))) {
      changed.set(collection.id, collection);
    }
  }
  const isNew = ({ id }: TaxiiCollection) => stored.every((known) => known.id !== id);
  return [...stored.map((known) => changed.get(known.id) ?? known), ...bundled.filter(isNew)];
}
