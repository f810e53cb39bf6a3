import type { ExtractContext, HttpClient } from "@cti-connectors/core";
import type { ManifestSnapshot } from "./manifest-snapshot.js";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";
import { selectCollections } from "./select-collections.js";
import type { TaxiiCollection } from "./taxii/collections.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";
import { createTaxiiClient } from "./taxii/taxii-client.js";
import { TaxiiError } from "./taxii/taxii-error.js";

/** What the steps of one run know of the server, so that none asks again. */
export interface TaxiiSession {
  readonly root: TaxiiApiRoot;
  /** All that the root lists. */
  readonly listed: readonly TaxiiCollection[];
  /** Those to be loaded. */
  readonly collections: readonly TaxiiCollection[];
  /** Manifests read in this run, by collection id. */
  readonly manifests: Map<string, ManifestSnapshot>;
  /** Versions of releases asked for in this run, by collection id; undefined where the server has no answer. */
  readonly releases: Map<string, string | undefined>;
  /** Whether collections are as they were, as asked for in this run. */
  readonly answers: Map<string, boolean>;
}

type SessionContext = Pick<ExtractContext<MitreTaxiiConfig, unknown>, "config" | "http" | "log">;

/** Core makes one HTTP client per run of a connector. */
const sessions = new WeakMap<HttpClient, TaxiiSession>();

/** The session of this run. Two requests, the first time: discovery (or API root) and collections. */
export async function openSession(context: SessionContext): Promise<TaxiiSession> {
  return sessions.get(context.http) ?? (await renewSession(context));
}

/**
 * Asks the server anew, and forgets what was known.
 *
 * @param rememberedRoot an API root that discovery named before: where it is still there, discovery is not asked
 */
export async function renewSession(context: SessionContext, rememberedRoot?: string): Promise<TaxiiSession> {
  const { config, http, log } = context;
  const { root, listed } = await openRoot(context, rememberedRoot);
  const { selected, unreadable, unmatched } = selectCollections(
    listed,
    config.MITRE_COLLECTIONS,
    config.MITRE_MAX_COLLECTIONS,
  );
  const names = listed.map(nameOf).join(", ") || "none";
  if (unmatched.length > 0 && unmatched.length === config.MITRE_COLLECTIONS?.length) {
    throw new TaxiiError({
      request: "collections",
      url: root.url,
      title: `MITRE_COLLECTIONS fits no collection: ${unmatched.join(", ")}`,
      description: `the server has ${names}`,
    });
  }
  for (const pattern of unmatched) {
    log.warn({ pattern, collections: names }, `MITRE_COLLECTIONS: no collection fits "${pattern}"`);
  }
  for (const collection of unreadable) {
    log.info(
      { collection: collection.id },
      `${nameOf(collection)} may not be read (can_read: false): skipped`,
    );
  }
  const session: TaxiiSession = {
    root,
    listed,
    collections: selected,
    manifests: new Map(),
    releases: new Map(),
    answers: new Map(),
  };
  sessions.set(http, session);
  return session;
}

async function openRoot(
  { config, http, log }: SessionContext,
  rememberedRoot: string | undefined,
): Promise<Pick<TaxiiSession, "root" | "listed">> {
  const client = createTaxiiClient({ http, url: config.MITRE_TAXII_URL });
  if (rememberedRoot !== undefined) {
    const root = client.root(rememberedRoot);
    const listed = await root.collections().catch((error: unknown) => {
      if (isGone(error)) return [];
      throw error;
    });
    if (listed.length > 0) return { root, listed };
    log.info({ url: root.url }, "the API root of the last run is empty or gone: discovery is asked again");
  }
  const root = await client.defaultRoot();
  return { root, listed: await root.collections() };
}

function isGone(error: unknown): boolean {
  return error instanceof TaxiiError && (error.httpStatus === 404 || error.httpStatus === 410);
}

function nameOf({ id, title }: TaxiiCollection): string {
  return title === undefined ? id : `${title} (${id})`;
}
