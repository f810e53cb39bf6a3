import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { familyStixId, type StoredIoc, storedIoc } from "@cti-connectors/threatfox";
import { z } from "zod";
import type { AddedPosition } from "./added-position.js";
import { type IocFamilies, iocProjection } from "./ioc-families.js";
import { walkAdded } from "./walk-added.js";

export interface IocWalk {
  /** Only IOCs that were stored or changed at these times. Default: at any time. */
  readonly times?: readonly Date[] | undefined;
  readonly addedAfter: Date | undefined;
  readonly after: AddedPosition | undefined;
  /** About how many IOCs will be read. */
  readonly limit: number;
}

/** Reads stored IOCs, each question by an index. */
export interface IocReader {
  /** In the order in which they were stored or changed. */
  walk(walk: IocWalk): AsyncGenerator<StoredIoc, void, undefined>;
  /** By their ids, in the order of the ids. */
  findByIds(ids: readonly string[]): AsyncGenerator<StoredIoc, void, undefined>;
  /** Those that indicators and relationships with these ids are made of, and those that describe the families with these ids. */
  findByStixIds(ids: readonly string[]): Promise<readonly StoredIoc[]>;
  /** Of each family, the IOC that describes it. */
  findIocsOfFamilies(): Promise<readonly StoredIoc[]>;
  /** The id of the IOC that describes a family: the one that was first seen last. */
  findIocOfFamily(malware: string): Promise<string | undefined>;
}

export interface IocReaderOptions {
  readonly store: StoreReader;
  /** The collection. */
  readonly iocs: string;
  readonly families: IocFamilies;
  /** What came at this time or later is not read. */
  readonly until: Date;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

const mostAtOnce = 1_000;

/** Where a document is in the order of the walk. */
const placed = z
  .object({ _id: z.string(), ingested_at: z.date() })
  .transform(({ _id, ingested_at }): AddedPosition => ({ added: ingested_at, id: _id }));

export function createIocReader(options: IocReaderOptions): IocReader {
  const { store, iocs, families, until, signal } = options;
  async function findAllDescribing(isWanted: (malware: string) => boolean) {
    const found: StoredIoc[] = [];
    for (const malware of await families.list()) {
      signal?.throwIfAborted();
      const ioc = isWanted(malware) ? await families.findDescribing(malware) : undefined;
      found.push(...(ioc === undefined ? [] : [ioc]));
    }
    return found;
  }
  return {
    async *walk({ times, ...walk }) {
      for (const span of spansOf(times, walk.addedAfter, until)) {
        yield* walkSpan(options, { ...walk, ...span });
      }
    },
    async *findByIds(ids) {
      for (const some of listsOfIds(ids)) {
        const found = await readIocs(store.find(iocs, { _id: { $in: some } }, { projection: iocProjection }));
        for (const id of some) {
          const ioc = found.get(id);
          if (ioc !== undefined) {
            yield ioc;
          }
        }
      }
    },
    async findByStixIds(ids) {
      const wanted = new Set(ids);
      const stix_ids = ids.map((id) => id.replace(/^relationship--/, "indicator--"));
      const named = { "enriched.stix_id": { $in: stix_ids } };
      const found = await readIocs(store.find(iocs, named, { projection: iocProjection }));
      if (ids.some((id) => id.startsWith("malware--"))) {
        for (const ioc of await findAllDescribing((malware) => wanted.has(familyStixId(malware)))) {
          found.set(ioc._id, ioc);
        }
      }
      return [...found.values()].filter(({ ingested_at }) => ingested_at < until);
    },
    findIocsOfFamilies: () => findAllDescribing(() => true),
    findIocOfFamily: async (malware) => (await families.findDescribing(malware))?._id,
  };
}

/** By id. Damaged documents are skipped. */
async function readIocs(documents: AsyncIterable<unknown>): Promise<Map<string, StoredIoc>> {
  const found = new Map<string, StoredIoc>();
  for await (const document of documents) {
    const { data } = storedIoc.safeParse(document);
    if (data !== undefined) {
      found.set(data._id, data);
    }
  }
  return found;
}

/** From the end of one time to the beginning of another, both left out. */
interface Span {
  readonly addedAfter: Date | undefined;
  readonly until: Date;
}

function spansOf(
  times: readonly Date[] | undefined,
  addedAfter: Date | undefined,
  until: Date,
): readonly Span[] {
  if (times === undefined) {
    return [{ addedAfter, until }];
  }
  return [...new Set(times.map((time) => time.getTime()))]
    .filter((time) => time < until.getTime() && time > (addedAfter?.getTime() ?? Number.NEGATIVE_INFINITY))
    .sort((one, other) => one - other)
    .map((time) => ({ addedAfter: new Date(time - 1), until: new Date(time + 1) }));
}

async function* walkSpan(
  { store, iocs }: IocReaderOptions,
  { addedAfter, until, after, limit }: Span & Pick<IocWalk, "after" | "limit">,
): AsyncGenerator<StoredIoc, void, undefined> {
  const size = Math.min(limit + 1, mostAtOnce);
  let from = after;
  for (let isMore = true; isMore; ) {
    let read = 0;
    const before = from;
    const documents = walkAdded({
      ...{ store, collection: iocs, filter: {}, projection: iocProjection },
      ...{ addedAfter, until, after: from, limit: size },
    });
    for await (const document of documents) {
      read += 1;
      // Damaged documents are skipped.
      from = placed.safeParse(document).data ?? from;
      const { data } = storedIoc.safeParse(document);
      if (data !== undefined) {
        yield data;
      }
    }
    isMore = read === size && from !== before;
  }
}
