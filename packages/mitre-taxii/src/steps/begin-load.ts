import { z } from "zod";
import { type CompleteLoads, completeLoads, isAnotherChoice } from "../freshness/complete-load.js";
import { savedPageLimits } from "../session/page-limits.js";
import type { StepContext, TaxiiSession } from "../session/taxii-session.js";

/** What a step saves that loads collection by collection; each has more of its own. */
export const savedLoad = z.object({
  root: z.string(),
  /** The release that the root is pinned to; `null` where no releases were asked for. */
  release: z.string().nullable().default(null),
  complete: completeLoads,
  page_limits: savedPageLimits.default(null),
});
type SavedLoad = z.output<typeof savedLoad>;

/** What a step saves, as far as all that do so have it. */
export type AnySavedLoad<Current> = Omit<SavedLoad, "release"> & {
  /** Absent in old checkpoints. */
  readonly release?: string | null;
  /** Where the load of a collection goes on that was broken off. */
  readonly current?: Current | null;
};

/** A step that loads collection by collection, in one run. */
export interface Load<Saved extends AnySavedLoad<Current>, Current> {
  readonly context: StepContext<Saved>;
  readonly session: TaxiiSession;
  /** MITRE_MAX_OBJECTS is set: nothing is remembered. */
  readonly limited: boolean;
  /** What an earlier run saved, as far as it belongs to this API root and these settings. */
  readonly saved: Saved | undefined;
  /** Of `saved`; changed as collections are loaded. */
  readonly complete: CompleteLoads;
  /** The person asked for another release, so what is gone is meant. */
  readonly acceptsRemovals: boolean;
  /** @param current where the load of a collection goes on if it is broken off; null where it would begin anew */
  progress(current: Current | null): { readonly checkpoint: Saved };
}

/** What one step saves beside what all save. */
export interface OwnCheckpoint<Saved, Current> {
  /** Whether what was saved belongs to the settings of this run. */
  fits(saved: Saved): boolean;
  checkpoint(shared: SavedLoad, current: Current | null): Saved;
}

/** Takes over what an earlier run saved. */
export function beginLoad<Saved extends AnySavedLoad<Current>, Current>(
  context: StepContext<Saved>,
  session: TaxiiSession,
  { fits, checkpoint }: OwnCheckpoint<Saved, Current>,
): Load<Saved, Current> {
  const { config, checkpoint: found } = context;
  const limited = config.MITRE_MAX_OBJECTS !== undefined;
  const saved = !limited && found?.root === session.root.url && fits(found) ? found : undefined;
  const complete = { ...saved?.complete };
  session.limits.recall(found?.page_limits);
  return {
    ...{ context, session, limited, saved, complete },
    acceptsRemovals: isAnotherChoice(found?.release, session.release),
    progress: (current) => ({ checkpoint: checkpoint(sharedBy(session, complete), current) }),
  };
}

function sharedBy({ root, release, limits }: TaxiiSession, complete: CompleteLoads): SavedLoad {
  return {
    root: root.url,
    release: release ?? null,
    complete: { ...complete },
    page_limits: limits.save(),
  };
}
