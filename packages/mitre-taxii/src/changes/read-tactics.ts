import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const tacticOrMatrix = z.object({
  removed_at: z.date().nullish(),
  data: z.object({
    objects: z.tuple([
      z.object({
        id: z.string(),
        tactic_refs: z.array(z.string()).default([]).catch([]),
        x_mitre_shortname: z.string().optional().catch(undefined),
      }),
    ]),
  }),
  enriched: z.object({ modified: z.date().optional(), deprecated: z.boolean().default(false) }),
});
type Stored = z.output<typeof tacticOrMatrix>;

const projection = {
  removed_at: 1,
  "data.objects.id": 1,
  "data.objects.tactic_refs": 1,
  "data.objects.x_mitre_shortname": 1,
  "enriched.modified": 1,
  "enriched.deprecated": 1,
} as const;

/**
 * Short names of all tactics of a collection that are stored, such as `initial-access`, in the order of its matrices: those of the newest come
 * first, then those that only older versions have.
 */
export async function readTactics(reader: StoreReader, collectionId: string): Promise<readonly string[]> {
  const filter = {
    "enriched.type": { $in: ["x-mitre-matrix", "x-mitre-tactic"] },
    "data.collection_id": collectionId,
  };
  const found: Stored[] = [];
  for await (const document of reader.find("objects", filter, { projection })) {
    found.push(...[tacticOrMatrix.safeParse(document).data ?? []].flat());
  }
  const objects = found.sort(newestFirst).map(({ data }) => data.objects[0]);
  const names = new Map(objects.map(({ id, x_mitre_shortname }) => [id, x_mitre_shortname]));
  return [...new Set(objects.flatMap(({ tactic_refs }) => tactic_refs.flatMap((id) => names.get(id) ?? [])))];
}

/** What is listed now, and not deprecated, before what was. */
function newestFirst(one: Stored, other: Stored): number {
  const rankOf = ({ removed_at, enriched }: Stored) => Number(!removed_at) + Number(!enriched.deprecated);
  const timeOf = ({ enriched }: Stored) => enriched.modified?.getTime() ?? 0;
  return rankOf(other) - rankOf(one) || timeOf(other) - timeOf(one);
}
