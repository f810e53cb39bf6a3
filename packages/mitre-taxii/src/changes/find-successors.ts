import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const revokedBy = z.object({
  removed_at: z.date().nullish(),
  enriched: z.object({
    source_ref: z.string(),
    target_ref: z.string(),
    modified: z.date().optional(),
    revoked: z.boolean().default(false),
    deprecated: z.boolean().default(false),
  }),
});

/**
 * The object that each of these was revoked in favour of: the target of its newest `revoked-by` relationship, if possible of one that is
 * listed now, and neither revoked nor deprecated. Does not follow successors that are revoked themselves.
 *
 * @param revoked STIX ids
 * @param filter which relationships count. Default: all that are stored
 * @returns STIX ids of revoked objects and their successors
 */
export async function findSuccessors(
  reader: StoreReader,
  revoked: readonly string[],
  filter: Readonly<Record<string, unknown>> = {},
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, { readonly target: string; readonly rank: readonly number[] }>();
  const projection = {
    removed_at: 1,
    ...Object.fromEntries(
      Object.keys(revokedBy.shape.enriched.shape).map((field) => [`enriched.${field}`, 1 as const]),
    ),
  } as const;
  for (const ids of listsOfIds(revoked)) {
    const revocations = {
      "enriched.source_ref": { $in: ids },
      "enriched.relationship_type": "revoked-by",
      ...filter,
    };
    for await (const document of reader.find("objects", revocations, { projection, sort: { _id: 1 } })) {
      const { data } = revokedBy.safeParse(document);
      if (data === undefined) {
        continue;
      }
      const { source_ref, target_ref, modified, ...flags } = data.enriched;
      const isCurrent = !data.removed_at && !flags.revoked && !flags.deprecated;
      const rank = [Number(isCurrent), modified?.getTime() ?? 0];
      if (outranks(rank, found.get(source_ref)?.rank)) {
        found.set(source_ref, { target: target_ref, rank });
      }
    }
  }
  return new Map([...found].map(([source, { target }]) => [source, target]));
}

function outranks([isCurrent = 0, time = 0]: readonly number[], other: readonly number[] = []): boolean {
  const [otherIsCurrent = -1, otherTime = -1] = other;
  return isCurrent === otherIsCurrent ? time > otherTime : isCurrent > otherIsCurrent;
}
