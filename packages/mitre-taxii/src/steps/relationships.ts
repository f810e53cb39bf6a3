import { z } from "zod";
import { objectDocument } from "../documents/object-document.js";
import { reconcileObject } from "../documents/reconcile-releases.js";
import { relationshipEnds } from "../documents/relationship-ends.js";
import { type TaxiiSession, taxiiStep } from "../session/taxii-session.js";
import { type Candidates, readOutdatedRelationships } from "../stored/outdated-relationships.js";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";

const record = z.object({
  collection_id: z.string(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
  ends: relationshipEnds.optional(),
});

const checkpoint = z.object({
  /** All relationships that were stored by then have the names of their ends as they were by then. */
  settled_at: z.iso.datetime(),
});
type Checkpoint = z.output<typeof checkpoint>;

/**
 * Gives relationships the ids and names of the objects that they join, where these came later than the relationship, or changed since.
 * It sends no request, and reads nothing else where nothing was stored since the last time.
 */
export const relationshipsStep = taxiiStep({
  name: "relationships",
  summary: "the names of what relationships join",
  needs: ["collections"],
  sharesCollectionsOf: ["objects"],
  record,
  checkpoint,
  async *extract(context) {
    const session = await (await context.session()).open();
    const candidates = await chooseCandidates(session, context.checkpoint);
    if (candidates === undefined) {
      return;
    }
    for await (const records of readOutdatedRelationships(session, candidates)) {
      yield { records };
    }
    if (!session.limited) {
      yield { checkpointOnly: { settled_at: context.now().toISOString() } };
    }
  },
  transform(received, { config }) {
    // Whether it is listed stays as it is.
    return { ...objectDocument(received, config), removed: "withdrawn" as const };
  },
  reconcile: reconcileObject,
});

/** @returns undefined where nothing was stored since all were settled */
async function chooseCandidates(
  { store, openedAt, naming }: TaxiiSession,
  saved: Checkpoint | undefined,
): Promise<Candidates | undefined> {
  const isAllNew = !(await store.exists("objects", { ingested_at: { $lt: openedAt } }));
  if (isAllNew && naming.isSettled) {
    return "unnamed";
  }
  if (saved === undefined) {
    return "all";
  }
  const settledAt = new Date(saved.settled_at);
  // The clock may have gone back since.
  const since = settledAt < openedAt ? settledAt : openedAt;
  return (await store.exists("objects", { ingested_at: { $gte: since } })) ? since : undefined;
}
