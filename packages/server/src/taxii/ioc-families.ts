import type { StoreReader } from "@cti-connectors/core";
import { walkFamiliesOfIocs } from "@cti-connectors/pivot";
import { type StoredIoc, storedIoc } from "@cti-connectors/threatfox";

/** The malware families of IOCs. What has been found is remembered. */
export interface IocFamilies {
  /** Malpedia keys. */
  list(): Promise<readonly string[]>;
  /** The IOC that describes a family: the one that was first seen last. */
  findDescribing(malware: string): Promise<StoredIoc | undefined>;
}

/** What is read of an IOC. */
export const iocProjection = { enriched: 1, first_ingested_at: 1, ingested_at: 1 } as const;

/**
 * Requests share it, so that it does not stop when the client of one hangs up.
 *
 * @param iocs the collection
 * @param until what came at this time or later is not read
 */
export function rememberFamilies(store: StoreReader, iocs: string, until: Date): IocFamilies {
  const keys = remember(async () => (await walkFamiliesOfIocs(store, iocs)).map(({ malware }) => malware));
  const describing = new Map<string, () => Promise<StoredIoc | undefined>>();
  return {
    list: keys,
    findDescribing(malware) {
      const find = describing.get(malware) ?? remember(() => readDescribing(malware));
      describing.set(malware, find);
      return find();
    },
  };
  async function readDescribing(malware: string) {
    // Only what has a pattern becomes an indicator.
    const filter = {
      "enriched.malware": malware,
      "enriched.stix_pattern": { $ne: null },
      ingested_at: { $lt: until },
    };
    const options = { projection: iocProjection, sort: { "enriched.first_seen": -1 }, limit: 1 } as const;
    for await (const document of store.find(iocs, filter, options)) {
      return storedIoc.safeParse(document).data;
    }
    return undefined;
  }
}

/** Asks once, and again only if that has failed. */
function remember<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let known: Promise<Result> | undefined;
  return () => {
    if (known === undefined) {
      known = read();
      known.catch(() => {
        known = undefined;
      });
    }
    return known;
  };
}
