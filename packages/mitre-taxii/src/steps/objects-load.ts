import type { ExtractContext } from "@cti-connectors/core";
import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { type CompleteLoads, completeLoads } from "../freshness/complete-load.js";
import { pageCursor, savedPageLimits } from "../session/page-limits.js";
import type { TaxiiSession } from "../session/taxii-session.js";

/**
 * What was loaded as a whole, and where a walk that was broken off goes on: only over the same manifest with the same
 * page size.
 */
export const objectsCheckpoint = z.object({
  root: z.string(),
  /** The release that the root is pinned to, where releases were asked for. */
  release: z.string().nullable().default(null),
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable(),
  complete: completeLoads,
  current: z
    .object({ collection: z.string(), fingerprint: z.string(), limit: z.number(), cursor: pageCursor })
    .nullable(),
  /** The server does not select by `match[id]`. */
  ignores_id: z.boolean(),
  page_limits: savedPageLimits.default(null),
});
export type ObjectsProgress = z.output<typeof objectsCheckpoint>;

/** What a load of objects knows, and learns as it goes on. */
export interface ObjectsLoad {
  readonly context: ExtractContext<MitreTaxiiConfig, ObjectsProgress>;
  readonly session: TaxiiSession;
  /** The release that the root is pinned to. */
  readonly release: string | null;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** What an earlier run saved, as far as it belongs to this API root and these settings. */
  readonly saved: ObjectsProgress | undefined;
  readonly complete: CompleteLoads;
  /** The server does not select by `match[id]`. */
  ignoresId: boolean;
  progress(current: ObjectsProgress["current"]): { readonly checkpoint: ObjectsProgress };
}

export function beginObjectsLoad(context: ObjectsLoad["context"], session: TaxiiSession): ObjectsLoad {
  const { config, checkpoint: found } = context;
  const { root, limits } = session;
  const release = session.release ?? null;
  const contents = config.MITRE_MAX_CONTENTS ?? null;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const fits = found?.root === root.url && found.release === release && found.contents === contents;
  const saved = fits && !limited ? found : undefined;
  const complete = { ...saved?.complete };
  limits.recall(found?.page_limits);
  const load: ObjectsLoad = {
    ...{ context, session, release, limited, saved, complete },
    ignoresId: saved?.ignores_id ?? false,
    progress: (current) => ({
      checkpoint: {
        root: root.url,
        release,
        contents,
        complete: { ...complete },
        current,
        ignores_id: load.ignoresId,
        page_limits: limits.save(),
      },
    }),
  };
  return load;
}
