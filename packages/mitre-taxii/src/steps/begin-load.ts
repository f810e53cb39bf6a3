import type { ExtractedPage } from "@cti-connectors/core";
import { z } from "zod";
import { type CompleteLoads, completeLoads, isAnotherChoice } from "../freshness/complete-load.js";
import { pageCursor, savedPageLimits } from "../session/page-limits.js";
import type { StepContext, TaxiiSession } from "../session/taxii-session.js";
import { createEndsReader, type EndsReader } from "../stored/read-ends.js";

/**
 * What a step saves that loads collection by collection: what was loaded as a whole, what was learnt of the server, and where a load that
 * was broken off goes on.
 */
export const savedLoad = z.object({
  root: z.string(),
  /** The release that the root is pinned to; `null` where no releases were asked for. */
  release: z.string().nullable().exactOptional(),
  complete: completeLoads,
  /** Where the load of a collection stopped: it goes on there over the same manifest only. */
  current: z
    .object({
      collection: z.string(),
      fingerprint: z.string(),
      /** Where pages are walked: their size, and the next one. */
      limit: z.number().exactOptional(),
      cursor: pageCursor.exactOptional(),
      /** Where objects are asked for one by one: the last one. */
      object: z.string().exactOptional(),
    })
    .nullable()
    .exactOptional(),
  page_limits: savedPageLimits.default(null),
  /** MITRE_MAX_CONTENTS of the load. */
  contents: z.number().nullable().exactOptional(),
  /** The server does not select by `match[id]`. */
  ignores_id: z.boolean().exactOptional(),
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answers_all: z.boolean().exactOptional(),
});
export type SavedLoad = z.output<typeof savedLoad>;

/** What only some of the steps save. */
interface OwnFields {
  readonly contents?: number | null;
  ignores_id?: boolean;
  answers_all?: boolean;
}

/** A step that loads collection by collection, in one run. */
export interface Load {
  readonly session: TaxiiSession;
  /** What an earlier run saved. */
  readonly found: SavedLoad | undefined;
  /** The same, as far as it belongs to this API root and these settings. */
  readonly saved: SavedLoad | undefined;
  /** Begins as in `saved`, and changes as collections are loaded. */
  readonly complete: CompleteLoads;
  /** Begins as in `saved`, and changes as the server shows what it supports. */
  readonly own: OwnFields;
  /** The person asked for another release, so what is gone is meant. */
  readonly acceptsRemovals: boolean;
  readonly ends: EndsReader;
}

/** What a step yields. */
export type LoadPage = ExtractedPage<SavedLoad>;
export type LoadPages<Result = void> = AsyncGenerator<LoadPage, Result, void>;

/**
 * Opens the session, and takes over what an earlier run saved.
 *
 * @param own what the step saves beside what all save, as it is where nothing was saved
 */
export async function beginLoad(context: StepContext<SavedLoad>, own: OwnFields): Promise<Load> {
  const { checkpoint: found } = context;
  const shared = await context.session();
  const session = await shared.open();
  const fits =
    found?.root === session.root.url &&
    (found.release ?? undefined) === session.release &&
    found.contents === own.contents;
  const saved = fits && !session.limited ? found : undefined;
  session.limits.recall(found?.page_limits);
  return {
    ...{ session, found, saved },
    complete: { ...saved?.complete },
    own: {
      ...own,
      ...(saved?.ignores_id !== undefined && { ignores_id: saved.ignores_id }),
      ...(saved?.answers_all !== undefined && { answers_all: saved.answers_all }),
    },
    acceptsRemovals: isAnotherChoice(found?.release, session.release),
    ends: createEndsReader(session),
  };
}

/**
 * The checkpoint.
 *
 * @param current where the load of a collection goes on if it is broken off; null where it would begin anew; absent: it always does
 */
export function progressOf({ session, complete, own }: Load, current?: SavedLoad["current"]): SavedLoad {
  const { root, release, limits } = session;
  return {
    root: root.url,
    release: release ?? null,
    complete: { ...complete },
    ...(current !== undefined && { current }),
    page_limits: limits.save(),
    ...own,
  };
}
