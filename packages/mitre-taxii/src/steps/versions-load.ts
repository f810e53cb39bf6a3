import type { ExtractContext } from "@cti-connectors/core";
import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { type CompleteLoads, completeLoads } from "../freshness/complete-load.js";
import { savedPageLimits } from "../session/page-limits.js";
import type { TaxiiSession } from "../session/taxii-session.js";

/** What was loaded as a whole, what was learnt of the server, and where a load that was broken off goes on over the same manifest. */
export const versionsCheckpoint = z.object({
  root: z.string(),
  /** The release that the root is pinned to, where releases were asked for. */
  release: z.string().nullable().default(null),
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answers_all: z.boolean(),
  complete: completeLoads,
  /** The object that was asked for last, where objects are asked for one by one. */
  current: z.object({ collection: z.string(), fingerprint: z.string(), object: z.string() }).nullable(),
  page_limits: savedPageLimits.default(null),
});
export type VersionsProgress = z.output<typeof versionsCheckpoint>;

/** What a load of versions knows, and learns as it goes on. */
export interface VersionsLoad {
  readonly context: ExtractContext<MitreTaxiiConfig, VersionsProgress>;
  readonly session: TaxiiSession;
  /** The release that the root is pinned to. */
  readonly release: string | null;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** What an earlier run saved, as far as it belongs to this API root. */
  readonly saved: VersionsProgress | undefined;
  readonly complete: CompleteLoads;
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answersAll: boolean;
  /** Whether the server selects by version; undefined until it was asked in this run. */
  selects: boolean | undefined;
  progress(current: VersionsProgress["current"]): { readonly checkpoint: VersionsProgress };
}

export function beginVersionsLoad(context: VersionsLoad["context"], session: TaxiiSession): VersionsLoad {
  const { config, checkpoint: found } = context;
  const { root, limits } = session;
  const release = session.release ?? null;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const fits = found?.root === root.url && found.release === release;
  const saved = fits && !limited ? found : undefined;
  const complete = { ...saved?.complete };
  limits.recall(found?.page_limits);
  const load: VersionsLoad = {
    ...{ context, session, release, limited, saved, complete },
    answersAll: saved?.answers_all ?? false,
    selects: undefined,
    progress: (current) => ({
      checkpoint: {
        root: root.url,
        release,
        answers_all: load.answersAll,
        complete: { ...complete },
        current,
        page_limits: limits.save(),
      },
    }),
  };
  return load;
}
