import type { StoreReader } from "@cti-connectors/core";
import { walkFamiliesOfIocs } from "@cti-connectors/pivot";
import { familyStixId, type StoredIoc, storedIoc } from "@cti-connectors/threatfox";
import { z } from "zod";
import type { AddedPosition } from "./added-position.js";
import { walkAdded } from "./walk-added.js";

export interface IocWalk {
  readonly addedAfter: Date | undefined;
  readonly after: AddedPosition | undefined;
  /** About how many IOCs will be read. */
  readonly limit: number;
}

/** Reads stored IOCs, each question by an index. */
export interface IocReader {
  /** In the order in which they were stored or changed. */
  walk(walk: IocWalk): AsyncGenerator<StoredIoc, void, undefined>;
  /** Those that indicators and relationships with these ids are made of, and those that describe the families with these ids. */
  findByStixIds(ids: readonly string[]): Promise<readonly StoredIoc[]>;
  /** Of each family, the IOC that describes it. */
  findIocsOfFamilies(): Promise<readonly StoredIoc[]>;
  /** The id of the IOC that describes a family: the one that was first seen last. */
  findIocOfFamily(malware: string): Promise<string | undefined>;
}

const projection = { enriched: 1, first_ingested_at: 1, ingested_at: 1 } as const;
const mostAtOnce = 1_000;

/** Where a document is in the order of the walk. */
const placed = z
  .object({ _id: z.string(), ingested_at: z.date() })
  .transform(({ _id, ingested_at }): AddedPosition => ({ added: ingested_at, id: _id }));

/**
 * @param iocs the collection
 * @param until what came at this time or later is not read
 */
export function createIocReader(store: StoreReader, iocs: string, until: Date): IocReader {
  const describing = new Map<string, Promise<StoredIoc | undefined>>();
  const findDescribing = (malware: string) => {
    const found = describing.get(malware) ?? readDescribing(malware);
    describing.set(malware, found);
    return found;
  };
  async function readDescribing(malware: string) {
    // Only what has a pattern becomes an indicator.
    const filter = {
      "enriched.malware": malware,
      "enriched.stix_pattern": { $ne: null },
      ingested_at: { $lt: until },
    };
    const sort = { "enriched.first_seen": -1 } as const;
    for await (const document of store.find(iocs, filter, { projection, sort, limit: 1 })) {
      return storedIoc.safeParse(document).data;
    }
    return undefined;
  }
  async function findAllDescribing(isWanted: (malware: string) => boolean) {
    const found: StoredIoc[] = [];
    for (const { malware } of await walkFamiliesOfIocs(store, iocs)) {
      const ioc = isWanted(malware) ? await findDescribing(malware) : undefined;
      found.push(...(ioc === undefined ? [] : [ioc]));
    }
    return found;
  }
  return {
    async *walk({ addedAfter, after, limit }) {
      const size = Math.min(limit + 1, mostAtOnce);
      let from = after;
      for (let isMore = true; isMore; ) {
        let read = 0;
        const before = from;
        const documents = walkAdded({
          ...{ store, collection: iocs, filter: {}, projection, addedAfter, until, after: from, limit: size },
        });
        for await (const document of documents) {
          read += 1;
          // What somebody has damaged is passed over, and the walk goes on behind it.
          from = placed.safeParse(document).data ?? from;
          const { data } = storedIoc.safeParse(document);
          if (data !== undefined) {
            yield data;
          }
        }
        isMore = read === size && from !== before;
      }
    },
    async findByStixIds(ids) {
      const wanted = new Set(ids);
      const found = new Map<string, StoredIoc>();
      const stix_ids = ids.map((id) => id.replace(/^relationship--/, "indicator--"));
      const named = { "enriched.stix_id": { $in: stix_ids } };
      for await (const document of store.find(iocs, named, { projection })) {
        const { data } = storedIoc.safeParse(document);
        if (data !== undefined && data.ingested_at < until) {
          found.set(data._id, data);
        }
      }
      if (ids.some((id) => id.startsWith("malware--"))) {
        for (const ioc of await findAllDescribing((malware) => wanted.has(familyStixId(malware)))) {
          found.set(ioc._id, ioc);
        }
      }
      return [...found.values()];
    },
    findIocsOfFamilies: () => findAllDescribing(() => true),
    findIocOfFamily: async (malware) => (await findDescribing(malware))?._id,
  };
}
