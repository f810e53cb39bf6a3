import { inBlocks } from "@cti-connectors/core";
import { type AttackName, stixTypeOf } from "../attack/find-related.js";
import type { AttackObject } from "../documents/attack-object.js";
import type { BriefIoc } from "../documents/brief-ioc.js";
import type { FoundFamily } from "../links/find-families.js";
import { kindsOf, parseTerm, type Reading, type Term } from "../term/parse-term.js";
import { answerReadings, type Finding, type Lookup, openLookup, remembered } from "./answer-readings.js";
import type { IocCount } from "./find-iocs.js";
import type { FoundVulnerability } from "./find-vulnerabilities.js";
import type { LookupPlace } from "./lookup-place.js";
import { createRecentMap, type RecentMap } from "./recent-map.js";
import { noIocs } from "./summarize-iocs.js";

export interface LookUpManyOptions {
  /** Which IOCs have expired by then. Default: the clock. */
  readonly now?: Date;
  /** Whether the IOCs below a domain belong to its answer, as `lookUp` has it. Default: no, only those of the very host. */
  readonly subdomains?: boolean;
}

/** What is known about a term, in short. */
export interface ShortAnswer {
  /** As given. */
  readonly term: string;
  /** How the term was read. If nothing was found: all ways in which it can be read. */
  readonly read_as: readonly Reading["kind"][];
  readonly found: boolean;
  readonly iocs: IocCount & {
    /** The IOC with the latest `first_seen`. Absent if there is none. */
    readonly newest?: BriefIoc;
  };
  /** Those of the IOCs, those with this name, or those that are the software in question. Of a tag, a network or too many IOCs to count: those of the newest 20. */
  readonly families: readonly Pick<FoundFamily, "malware" | "name">[];
  /** What has this name or id, and the software that the families are. */
  readonly attack: readonly AttackName[];
  readonly vulnerability?: FoundVulnerability;
}

/** Terms are answered in blocks of up to `most`, or of what has arrived `wait` milliseconds after the first. */
const blocks = { most: 500, wait: 50 };

/** Milliseconds until answers are forgotten: meanwhile others may be stored. */
const freshMs = 60_000;

/**
 * Looks up many terms, hundreds in one question: thousands a second. Reads them as `lookUp` does, and answers them in their order, one
 * answer each, with bounded memory; a source that pauses gets the answers so far. Unlike `lookUp`, it does not follow relationships of ATT&CK.
 *
 * A domain means this very host, unless `subdomains` is set.
 *
 * @param terms as for `lookUp`, one each. One without letters and digits finds nothing
 */
export async function* lookUpMany(
  place: LookupPlace,
  terms: AsyncIterable<string> | Iterable<string>,
  { now, subdomains = false }: LookUpManyOptions = {},
): AsyncGenerator<ShortAnswer, void, undefined> {
  const open = () => ({
    lookup: openLookup({ place, view: { store: place.store }, now: now ?? new Date(), subdomains }),
    known: createRecentMap<ShortAnswer>(remembered),
    staleAt: Date.now() + freshMs,
  });
  let memory = open();
  for await (const block of inBlocks(terms, blocks)) {
    memory = Date.now() < memory.staleAt ? memory : open();
    yield* await answerBlock(memory, block);
  }
}

interface Memory {
  readonly lookup: Lookup;
  readonly known: RecentMap<ShortAnswer>;
}

async function answerBlock(
  { lookup, known }: Memory,
  block: readonly string[],
): Promise<readonly ShortAnswer[]> {
  const answers = new Map<string, ShortAnswer>();
  const open = new Set<string>();
  for (const term of block) {
    const answer = known.get(term);
    if (answer === undefined) {
      open.add(term);
    } else {
      answers.set(term, answer);
    }
  }
  for (const answer of await answerAll(lookup, [...open])) {
    known.set(answer.term, answer);
    answers.set(answer.term, answer);
  }
  return block.flatMap((term) => answers.get(term) ?? []);
}

/** Of the ways in which a term can be read, the first one that anything is stored for decides. */
async function answerAll(lookup: Lookup, texts: readonly string[]): Promise<readonly ShortAnswer[]> {
  const answers: ShortAnswer[] = [];
  let open = texts.map(parseTerm);
  for (let way = 0; open.length > 0; way += 1) {
    const readings = open.flatMap((term) => term.readings[way] ?? []);
    const found = await answerReadings(lookup, readings);
    const still: Term[] = [];
    for (const term of open) {
      const reading = term.readings[way];
      const finding = reading && found.get(reading);
      if (reading === undefined) {
        answers.push(answerNothing(term));
      } else if (finding === undefined) {
        still.push(term);
      } else {
        answers.push(answerFound(term, reading, finding));
      }
    }
    open = still;
  }
  return answers;
}

function answerNothing({ text, readings }: Term): ShortAnswer {
  const read_as = kindsOf(readings);
  const { total, total_is_exact } = noIocs;
  return { term: text, read_as, found: false, iocs: { total, total_is_exact }, families: [], attack: [] };
}

function answerFound(
  { text }: Term,
  { kind }: Reading,
  { iocs: { malware: _, ...iocs }, families, objects, vulnerability }: Finding,
): ShortAnswer {
  return {
    term: text,
    read_as: [kind],
    found: true,
    iocs,
    families: families.map(({ malware, name }) => ({ malware, name })),
    attack: nameAttack(objects, families),
    ...(vulnerability !== undefined && { vulnerability }),
  };
}

function nameAttack(
  objects: readonly AttackObject[],
  families: readonly FoundFamily[],
): readonly AttackName[] {
  const linked = families.flatMap(({ links }) =>
    links.map(({ stix_id: id, attack_id, name }) => ({ id, attack_id, name, type: stixTypeOf(id) })),
  );
  const named = objects.map(({ id, attack_id, name, type }) => ({ id, attack_id, name, type }));
  return [...new Map([...named, ...linked].map((object) => [object.id, object])).values()];
}
