import { z } from "zod";
import type { StepContext, TaxiiSession } from "../session/taxii-session.js";
import { beginLoad, type Load, savedLoad } from "./begin-load.js";

/** What was loaded as a whole, what was learnt of the server, and where a load that was broken off goes on over the same manifest. */
export const versionsCheckpoint = savedLoad.extend({
  /** The server was seen to answer `match[version]=all` with several versions of an object. */
  answers_all: z.boolean(),
  /** The object that was asked for last, where objects are asked for one by one. */
  current: z.object({ collection: z.string(), fingerprint: z.string(), object: z.string() }).nullable(),
});
export type SavedVersions = z.output<typeof versionsCheckpoint>;
type Interrupted = NonNullable<SavedVersions["current"]>;

export interface VersionsLoad extends Load<SavedVersions, Interrupted> {
  readonly learnt: {
    /** The server was seen to answer `match[version]=all` with several versions of an object. */
    answersAll: boolean;
    /** Whether the server selects by version; undefined until it was asked in this run. */
    selects: boolean | undefined;
  };
}

export function beginVersionsLoad(context: StepContext<SavedVersions>, session: TaxiiSession): VersionsLoad {
  const learnt: VersionsLoad["learnt"] = { answersAll: false, selects: undefined };
  const load = beginLoad<SavedVersions, Interrupted>(context, session, {
    fits: ({ release }) => release === (session.release ?? null),
    checkpoint: (shared, current) => ({ ...shared, answers_all: learnt.answersAll, current }),
  });
  learnt.answersAll = load.saved?.answers_all ?? false;
  return { ...load, learnt };
}
