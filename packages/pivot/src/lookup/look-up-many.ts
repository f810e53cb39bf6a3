import type { AttackName } from "../attack/find-related.js";
import type { BriefIoc } from "../documents/brief-ioc.js";
import type { FoundFamily } from "../links/find-families.js";
import { kindsOf, parseTerm, type Reading, type Term } from "../term/parse-term.js";
import { answerReadings, type Batch, type ShortFindings } from "./answer-readings.js";
import type { FoundVulnerability } from "./find-vulnerabilities.js";
import type { LookupPlace } from "./lookup-place.js";
import { createRecentMap } from "./recent-map.js";
import { noIocs } from "./summarize-iocs.js";

export interface LookUpManyOptions {
  /** Which IOCs have expired by then. Default: the clock when the first value is read. */
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
  readonly iocs: {
    /** How many there are. */
    readonly total: number;
    /** The IOC with the latest `first_seen`. Absent if there is none. */
    readonly newest?: BriefIoc;
  };
  /** Those of the IOCs, those with this name, or those that are the software in question. Of a tag or network: those of the newest 20 IOCs. */
  readonly families: readonly Pick<FoundFamily, "malware" | "name">[];
  /** What has this name or id, and the software that the families are. */
  readonly attack: readonly AttackName[];
  readonly vulnerability?: FoundVulnerability;
}

/** How many terms are read before they are answered, and how many answers are remembered. */
const blockSize = 500;
const remembered = 10_000;

/**
 * Looks up many terms, hundreds in one question: thousands a second. Reads them as `lookUp` does, and answers them in their order, one
 * answer each, with bounded memory. Unlike `lookUp`, it does not follow relationships of ATT&CK.
 *
 * A domain means this very host, unless `subdomains` is set.
 *
 * @param terms as for `lookUp`, one each. One without letters and digits finds nothing
 */
export async function* lookUpMany(
  place: LookupPlace,
  terms: AsyncIterable<string> | Iterable<string>,
  { now = new Date(), subdomains = false }: LookUpManyOptions = {},
): AsyncGenerator<ShortAnswer, void, undefined> {
  const batch: Batch = {
    place,
    now,
    subdomains,
    shared: createRecentMap(remembered),
    families: createRecentMap(remembered),
  };
  const known = createRecentMap<ShortAnswer>(remembered);
  for await (const block of blocksOf(terms)) {
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
    for (const answer of await answerAll(batch, [...open])) {
      known.set(answer.term, answer);
      answers.set(answer.term, answer);
    }
    yield* block.flatMap((term) => answers.get(term) ?? []);
  }
}

async function* blocksOf(
  terms: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly string[], void, undefined> {
  let block: string[] = [];
  for await (const term of terms) {
    block.push(term);
    if (block.length === blockSize) {
      yield block;
      block = [];
    }
  }
  yield block;
}

/** Of the ways in which a term can be read, the first one that anything is stored for decides. */
async function answerAll(batch: Batch, texts: readonly string[]): Promise<readonly ShortAnswer[]> {
  const answers: ShortAnswer[] = [];
  let open = texts.map(parseTerm);
  for (let way = 0; open.length > 0; way += 1) {
    const readings = open.flatMap((term) => term.readings[way] ?? []);
    const found = await answerReadings(batch, readings);
    const still: Term[] = [];
    for (const term of open) {
      const reading = term.readings[way];
      const findings = reading && found.get(reading);
      if (reading === undefined) {
        answers.push(answerNothing(term));
      } else if (findings === undefined) {
        still.push(term);
      } else {
        answers.push(answerFound(term, reading, findings));
      }
    }
    open = still;
  }
  return answers;
}

function answerNothing({ text, readings }: Term): ShortAnswer {
  const read_as = kindsOf(readings);
  return { term: text, read_as, found: false, iocs: { total: noIocs.total }, families: [], attack: [] };
}

function answerFound(
  { text }: Term,
  { kind }: Reading,
  { iocs: { total, newest }, families, attack, vulnerability }: ShortFindings,
): ShortAnswer {
  return {
    term: text,
    read_as: [kind],
    found: true,
    iocs: { total, ...(newest !== undefined && { newest }) },
    families: families.map(({ malware, name }) => ({ malware, name })),
    attack,
    ...(vulnerability !== undefined && { vulnerability }),
  };
}
