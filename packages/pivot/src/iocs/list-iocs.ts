import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { date, type FoundIoc, foundIocProjection, readFoundIoc, text } from "../documents/found-ioc.js";

export interface ListIocsOptions {
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  /** Malpedia key. Default: all families. */
  readonly malware?: string;
  /** ThreatFox's `ioc_type`. Default: all. */
  readonly type?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: IocPosition;
  /** Which IOCs have expired by then. */
  readonly now: Date;
}

/** Between two IOCs in the order of a list. */
export interface IocPosition {
  readonly first_seen: Date;
  /** ThreatFox's id of the IOC before. */
  readonly id: string;
}

/** A page of a list. */
export interface IocPage {
  readonly iocs: readonly FoundIoc[];
  /** The `before` of the next page. Absent: this is the last one. */
  readonly next?: IocPosition;
}

type Filter = Readonly<Record<string, unknown>>;

/** How many IOCs of a family are searched for those of a type. */
const mostLookedAt = 10_000;
const lookedAtAtOnce = 1_000;

/**
 * The IOCs that ThreatFox saw last, newest first; those of one moment by id. Reads a page by an index, and what was seen at its last moment. No
 * index has families and types: of a family, so many IOCs are looked at for those of a type. If a page of both comes out short, the next one goes on.
 */
export async function listIocs(store: StoreReader, options: ListIocsOptions): Promise<IocPage> {
  const { type, limit, ...others } = options;
  if (type === undefined || others.malware === undefined) {
    return readPage(store, options, whole);
  }
  const found: BriefItem[] = [];
  let before = options.before;
  for (let read = 0; read < mostLookedAt; read += lookedAtAtOnce) {
    const question = {
      ...{ ...others, limit: lookedAtAtOnce },
      ...(before !== undefined && { before }),
    };
    const page = await readPage(store, question, brief);
    found.push(...page.iocs.filter((ioc) => ioc.type === type));
    const last = found[limit - 1];
    if (last?.first_seen && (found.length > limit || page.next !== undefined)) {
      const iocs = await readWhole(store, options, found.slice(0, limit));
      return { iocs, next: { first_seen: last.first_seen, id: last.id } };
    }
    if (page.next === undefined) {
      return { iocs: await readWhole(store, options, found) };
    }
    before = page.next;
  }
  const iocs = await readWhole(store, options, found);
  return { iocs, ...(before !== undefined && { next: before }) };
}

/** The IOCs at these places of a list. */
async function readWhole(
  store: StoreReader,
  { iocs = "threatfox_raw", now }: ListIocsOptions,
  items: readonly BriefItem[],
): Promise<readonly FoundIoc[]> {
  const found = new Map<string, FoundIoc>();
  for (const some of listsOfIds(items.map(({ id }) => id))) {
    for await (const document of store.find(iocs, { _id: { $in: some } }, whole)) {
      const ioc = whole.read(document, now);
      found.set(ioc.id, ioc);
    }
  }
  return items.flatMap(({ id }) => found.get(id) ?? []);
}

/** What is read of each IOC. */
interface Shape<Item> {
  readonly projection: Readonly<Record<string, 1>>;
  readonly read: (document: unknown, now: Date) => Item;
}

/** What has a place in a list. */
interface ListItem {
  readonly id: string;
  readonly first_seen: Date | null;
}

interface BriefItem extends ListItem {
  readonly type: string | null;
}

const whole: Shape<FoundIoc> = { projection: foundIocProjection, read: readFoundIoc };

const briefDocument = z.object({
  _id: z.string(),
  enriched: z.object({ first_seen: date, indicator: z.object({ type: text }) }),
});
/** Enough to tell which IOCs are of a type. */
const brief: Shape<BriefItem> = {
  projection: { "enriched.first_seen": 1, "enriched.indicator.type": 1 },
  read(document) {
    const { _id, enriched } = briefDocument.parse(document);
    return { id: _id, first_seen: enriched.first_seen, type: enriched.indicator.type };
  },
};

interface Page<Item> {
  readonly iocs: readonly Item[];
  readonly next?: IocPosition;
}

async function readPage<Item extends ListItem>(
  store: StoreReader,
  options: ListIocsOptions,
  shape: Shape<Item>,
): Promise<Page<Item>> {
  const { limit, before } = options;
  const same =
    before === undefined ? [] : await readMoment(store, options, before, { ...shape, limit: limit + 1 });
  const left = limit + 1 - same.length;
  const older = await readOlder(store, options, before?.first_seen, { ...shape, limit: left });
  const found = [...same, ...older];
  const iocs = found.slice(0, limit);
  const last = iocs.at(-1);
  if (found.length <= limit || last === undefined || last.first_seen === null) {
    return { iocs };
  }
  return { iocs, next: { first_seen: last.first_seen, id: last.id } };
}

/** How many, and what of each. */
interface Wanted<Item> extends Shape<Item> {
  readonly limit: number;
}

/** IOCs of one moment, behind a position. */
function readMoment<Item>(
  store: StoreReader,
  options: ListIocsOptions,
  { first_seen, id }: IocPosition,
  wanted: Wanted<Item>,
): Promise<readonly Item[]> {
  const behind = { "enriched.first_seen": first_seen, _id: { $gt: id } };
  return read(store, options, behind, { _id: 1 }, wanted);
}

/** IOCs from before a moment. Of the last moment among them, those with the lowest ids. */
async function readOlder<Item extends ListItem>(
  store: StoreReader,
  options: ListIocsOptions,
  than: Date | undefined,
  wanted: Wanted<Item>,
): Promise<readonly Item[]> {
  const { limit } = wanted;
  const seen = { "enriched.first_seen": than === undefined ? { $gt: new Date(0) } : { $lt: than } };
  const found = await read(store, options, seen, { "enriched.first_seen": -1 }, wanted);
  const end = found.at(-1)?.first_seen;
  if (found.length < limit || end === undefined || end === null) {
    return sortMoments(found);
  }
  const newer = found.filter(({ first_seen }) => (first_seen ?? end) > end);
  const last = { first_seen: end, id: "" };
  const rest = await readMoment(store, options, last, { ...wanted, limit: limit - newer.length });
  return [...sortMoments(newer), ...rest];
}

function sortMoments<Item extends ListItem>(iocs: readonly Item[]): readonly Item[] {
  const timeOf = ({ first_seen }: Item) => first_seen?.getTime() ?? 0;
  return [...iocs].sort((one, other) => timeOf(other) - timeOf(one) || (one.id < other.id ? -1 : 1));
}

async function read<Item>(
  store: StoreReader,
  { iocs = "threatfox_raw", malware, type, now }: ListIocsOptions,
  filter: Filter,
  sort: Readonly<Record<string, 1 | -1>>,
  wanted: Wanted<Item>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  const asked = {
    ...(malware !== undefined && { "enriched.malware": malware }),
    ...(type !== undefined && { "enriched.indicator.type": type }),
    ...filter,
  };
  if (wanted.limit <= 0) {
    // For MongoDB, 0 is no limit.
    return found;
  }
  const options = { projection: wanted.projection, sort, limit: wanted.limit };
  for await (const document of store.find(iocs, asked, options)) {
    found.push(wanted.read(document, now));
  }
  return found;
}
