import type { ExtractContext } from "@cti-connectors/core";
import { z } from "zod";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { type CompleteLoads, completeLoads, isAnotherChoice } from "../freshness/complete-load.js";
import { savedPageLimits } from "../session/page-limits.js";
import type { TaxiiSession } from "../session/taxii-session.js";

export const manifestCheckpoint = z.object({
  root: z.string(),
  /** The release that the root is pinned to; `null` where no releases were asked for. */
  release: z.string().nullable().exactOptional(),
  complete: completeLoads,
  page_limits: savedPageLimits.default(null),
});
export type ManifestProgress = z.output<typeof manifestCheckpoint>;

/** What a load of manifests knows, and learns as it goes on. */
export interface ManifestLoad {
  readonly context: ExtractContext<MitreTaxiiConfig, ManifestProgress>;
  readonly session: TaxiiSession;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** What an earlier run saved, as far as it belongs to this API root. */
  readonly saved: ManifestProgress | undefined;
  readonly complete: CompleteLoads;
  /** The person asked for another release, so what is gone is meant. */
  readonly acceptsRemovals: boolean;
  progress(): { readonly checkpoint: ManifestProgress };
}

export function beginManifestLoad(context: ManifestLoad["context"], session: TaxiiSession): ManifestLoad {
  const { config, checkpoint: found } = context;
  const { root, limits } = session;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const saved = !limited && found?.root === root.url ? found : undefined;
  const complete = { ...saved?.complete };
  limits.recall(found?.page_limits);
  return {
    ...{ context, session, limited, saved, complete },
    acceptsRemovals: isAnotherChoice(found?.release, session.release),
    progress: () => ({
      checkpoint: {
        root: root.url,
        release: session.release ?? null,
        complete: { ...complete },
        page_limits: limits.save(),
      },
    }),
  };
}
