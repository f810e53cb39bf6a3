import { rm } from "node:fs/promises";
import { type ExtractContext, type OpenContext, stepFor } from "@cti-connectors/core";
import { BundleError } from "../bundles/bundle-error.js";
import { downloadFolder } from "../bundles/obtain-bundle.js";
import { type MitreTaxiiConfig, mitreTaxiiConfig, taxiiSettingNames } from "../config/mitre-taxii-config.js";
import type { TaxiiCollection } from "../taxii/collections.js";
import { createTaxiiClient } from "../taxii/taxii-client.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import { openBundles } from "./open-bundles.js";
import {
  lackingNone,
  type OpenedRoot,
  openCurrentRelease,
  type RememberedRoot,
} from "./open-current-release.js";
import { isDead, openDefaultRoot } from "./open-default-root.js";
import { openPinnedRoot } from "./open-pinned-root.js";
import { createPageLimits, type PageLimits } from "./page-limits.js";
import { type CollectionSelection, selectCollections } from "./select-collections.js";
import { openReleases, type PinnedRelease } from "./select-releases.js";

/** What core gives a run of the connector. */
export type RunContext = OpenContext<MitreTaxiiConfig>;

/** What the steps of one run share: what core gives them, and what they know of the server, so that none asks again. */
export interface TaxiiSession extends RunContext, OpenedRoot {
  /** When this run began. */
  readonly openedAt: Date;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** Ids of collections that a step could not load in this run: later steps leave them out. */
  readonly failed: Set<string>;
  /** Those of the root that are to be loaded. */
  readonly collections: readonly TaxiiCollection[];
  /** Manifests read in this run, by collection id. */
  readonly manifests: Map<string, ManifestSnapshot>;
  /** Versions of releases asked for in this run, by collection id; undefined where the server has no answer. */
  readonly releases: Map<string, string | undefined>;
  /** Whether collections are as they were, as asked for in this run. */
  readonly answers: Map<string, boolean>;
  readonly limits: PageLimits;
  /** Ids of collections whose plain manifest was seen to list all versions of their objects, in this run. */
  readonly listsAllVersions: Set<string>;
  /** Whether relationships that were loaded in this run name their ends as they are called now, as far as they name them. */
  readonly naming: { isSettled: boolean };
  /** Ids of collections that are stored as the root has them now. */
  readonly loaded: Readonly<Record<"objects" | "versions", Set<string>>>;
}

/** What core keeps for the steps of one run. */
export interface SharedSession {
  /**
   * The session of this run. Two requests, the first time: discovery (or API root) and collections.
   *
   * @param remembered where it is still there, discovery is not asked. Where it is pinned to a release, discovery is, and its collections
   *   are those that are stored
   */
  open(remembered?: RememberedRoot): Promise<TaxiiSession>;
  /** Deletes downloaded bundles. */
  close(): Promise<void>;
}

/** What core gives a step. */
export type StepContext<Checkpoint> = ExtractContext<MitreTaxiiConfig, Checkpoint, SharedSession>;

/** The step that asks first opens the session. */
export function shareSession(context: RunContext): SharedSession {
  let opened: TaxiiSession | undefined;
  return {
    async open(remembered) {
      opened ??= await openSession(context, remembered);
      return opened;
    },
    close: () => rm(downloadFolder(context), { recursive: true, force: true }),
  };
}

/** Declares a step of the connector. */
export const taxiiStep = stepFor({ config: mitreTaxiiConfig, open: shareSession });

async function openSession(
  context: RunContext,
  remembered: RememberedRoot | undefined,
): Promise<TaxiiSession> {
  const { config } = context;
  const openedAt = context.now();
  const opened = await openRoot(context, remembered);
  const { MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS } = config;
  const offered = opened.bundled ?? opened.listed;
  const selection = selectCollections(offered, MITRE_COLLECTIONS, MITRE_MAX_COLLECTIONS);
  refuseVainSelection(config, opened, selection);
  warnOfSelection(context, opened, selection);
  return {
    ...context,
    ...opened,
    openedAt,
    limited: config.MITRE_MAX_OBJECTS !== undefined,
    collections: selection.selected,
    failed: new Set(),
    manifests: new Map(),
    releases: new Map(),
    answers: new Map(),
    limits: createPageLimits(config),
    listsAllVersions: new Set(),
    naming: { isSettled: true },
    loaded: { objects: new Set(), versions: new Set() },
  };
}

/** @throws TaxiiError, or BundleError, where MITRE_COLLECTIONS selects nothing */
function refuseVainSelection(
  { MITRE_COLLECTIONS }: MitreTaxiiConfig,
  { root, release, listed, bundled, unread }: OpenedRoot,
  { selected, unreadable, unmatched }: CollectionSelection,
): void {
  if (bundled !== undefined && selected.length === 0) {
    throw new BundleError(
      `MITRE_COLLECTIONS matches no collection of the bundles: ${unmatched.join(", ")}. They hold ${namesOf(bundled)}`,
    );
  }
  const where = { request: "collections", url: root.url };
  if (unread === undefined && unmatched.length > 0 && unmatched.length === MITRE_COLLECTIONS?.length) {
    throw new TaxiiError({
      ...where,
      title: `MITRE_COLLECTIONS matches no collection: ${unmatched.join(", ")}`,
      description:
        release === undefined
          ? `the server has ${namesOf(listed)}`
          : `ATT&CK ${release}, the newest release of MITRE_RELEASES, has ${namesOf(listed)}: set MITRE_RELEASES to releases that have it as well`,
    });
  }
  if (selected.length === 0 && unreadable.length > 0 && MITRE_COLLECTIONS !== undefined) {
    throw new TaxiiError({
      ...where,
      title: `MITRE_COLLECTIONS matches only collections without read access: ${namesOf(unreadable)}`,
      description: "the server reports can_read: false for them: request access, or change MITRE_COLLECTIONS",
    });
  }
}

function warnOfSelection(
  { log }: RunContext,
  { listed, bundled = listed, unread }: OpenedRoot,
  { unreadable, unmatched }: CollectionSelection,
): void {
  for (const pattern of unread === undefined ? unmatched : []) {
    log.warn(
      { pattern, collections: namesOf(bundled) },
      `MITRE_COLLECTIONS: no collection matches "${pattern}"`,
    );
  }
  for (const collection of unreadable) {
    log.info(
      { collection: collection.id },
      `no read access to ${nameOf(collection)} (can_read: false): skipped`,
    );
  }
}

async function openRoot(context: RunContext, remembered: RememberedRoot | undefined): Promise<OpenedRoot> {
  const { config, http, log } = context;
  if (config.MITRE_BUNDLES !== undefined) {
    return openBundles(context, config.MITRE_BUNDLES, remembered?.root);
  }
  const client = createTaxiiClient({
    http,
    url: config.MITRE_TAXII_URL,
    settingNames: taxiiSettingNames,
  });
  if (config.MITRE_RELEASES !== "latest") {
    const found = await openReleases(client, config.MITRE_RELEASES);
    return openCurrentRelease(context, found, remembered);
  }
  const latest = {
    ...{ release: undefined, earlier: [], missing: [], lacking: lackingNone },
    openEarlier: ({ url }: PinnedRelease) => openPinnedRoot(http, url),
  };
  if (remembered !== undefined) {
    const root = client.root(remembered.root);
    const isElsewhere = new URL(root.url).origin !== new URL(config.MITRE_TAXII_URL).origin;
    const listed = await root.collections().catch((error: unknown) => {
      const mayHaveMoved = isDead(error) && (isElsewhere || error instanceof TaxiiError);
      if (mayHaveMoved) {
        return [];
      }
      throw error;
    });
    if (listed.length > 0) {
      return { ...latest, root, pinsReleases: remembered.pins_releases, listed };
    }
    log.info(
      { url: root.url },
      "the API root of the last run is empty or does not answer: requesting discovery again",
    );
  }
  return { ...latest, ...(await openDefaultRoot(context, client)) };
}

function namesOf(collections: readonly TaxiiCollection[]): string {
  return collections.map(nameOf).join(", ") || "none";
}

function nameOf({ id, title }: TaxiiCollection): string {
  return title === undefined ? id : `${title} (${id})`;
}
