import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { type AttackDomain, collectionIds } from "./attack-view.js";

/** The releases of a domain that are stored. */
export interface DomainReleases {
  /** The one that the upstream lists now, such as `18.1`. Absent: the upstream does not say. */
  readonly current?: string;
  /** Oldest first. */
  readonly stored: readonly string[];
}

const collectionObject = z.object({
  removed_at: z.date().nullable(),
  enriched: z.object({
    attack_version: z.string().optional(),
    releases: z.array(z.string()).optional(),
  }),
});

/** Without its list of contents, which has tens of thousands of entries. */
const projection = { removed_at: 1, "enriched.attack_version": 1, "enriched.releases": 1 } as const;

/** Sorts releases, the oldest first. */
export const byNumber = new Intl.Collator("en", { numeric: true });

/** Reads a document for each stored release. */
export async function findDomainReleases(store: StoreReader, domain: AttackDomain): Promise<DomainReleases> {
  const ofDomain = { "data.objects.id": collectionIds[domain] };
  const found = new Set<string>();
  let current: string | undefined;
  for await (const document of store.find("objects", ofDomain, { projection })) {
    const { removed_at, enriched } = collectionObject.parse(document);
    const { attack_version, releases = [] } = enriched;
    for (const release of attack_version === undefined ? releases : [attack_version, ...releases]) {
      found.add(release);
    }
    current = removed_at === null ? attack_version : current;
  }
  return { ...(current !== undefined && { current }), stored: [...found].sort(byNumber.compare) };
}
