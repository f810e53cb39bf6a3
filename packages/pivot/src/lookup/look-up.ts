import type { AttackView } from "../attack/attack-view.js";
import { findObjects } from "../attack/find-objects.js";
import { findSimilarNames, type Suggestion } from "../attack/find-similar-names.js";
import { findTactics, shortNameOf } from "../attack/find-tactics.js";
import { newestById } from "../attack/read-objects.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type FoundFamily, findFamilies } from "../links/find-families.js";
import { kindsOf, parseTerm, type Reading } from "../term/parse-term.js";
import { type AttackAnswer, answerAttack } from "./answer-attack.js";
import { answerReadings, type Finding, type Lookup, openLookup, uniqueFamilies } from "./answer-readings.js";
import type { FoundIocs } from "./find-iocs.js";
import type { FoundVulnerability } from "./find-vulnerabilities.js";
import type { IocKey } from "./ioc-key.js";
import type { LookupPlace } from "./lookup-place.js";
import { type IocSummary, readNewestIocs } from "./summarize-iocs.js";

export interface LookUpOptions {
  /** How many IOCs to return. Default 20. */
  readonly limit?: number;
  /** Which IOCs have expired by then. Default: the clock. */
  readonly now?: Date;
  /** Default: all domains of ATT&CK. */
  readonly domain?: AttackView["domain"];
  /** A stored release of ATT&CK. Default: what is current. */
  readonly release?: AttackView["release"];
}

/** What is known about a term. */
export interface LookupAnswer {
  /** As typed. */
  readonly term: string;
  /** How the term was read. If nothing was found: all ways in which it can be read. */
  readonly read_as: readonly Reading["kind"][];
  /** Whether anything was found. */
  readonly found: boolean;
  readonly iocs: FoundIocs;
  /** Those of the IOCs, those with this name, or those that are the software in question. */
  readonly families: readonly FoundFamily[];
  /** What has this name or id, and the software that the families are. */
  readonly attack: readonly AttackAnswer[];
  /** The tactics of the techniques in `attack`, in the order of the matrices. */
  readonly tactics: readonly string[];
  readonly vulnerability?: FoundVulnerability;
  /** Names that begin like the term. Empty if anything was found. */
  readonly suggestions: readonly Suggestion[];
}

/**
 * Answers what a term is, who uses it, how they work and what to do about it. Of the ways in which the term can be read, the first one that
 * anything is stored for decides.
 *
 * @param text an indicator (defanged or not), a network, an ATT&CK, STIX or CVE id, a Malpedia key, or a name
 */
export async function lookUp(
  place: LookupPlace,
  text: string,
  { limit = 20, now = new Date(), domain, release }: LookUpOptions = {},
): Promise<LookupAnswer> {
  const { readings } = parseTerm(text);
  const view = {
    store: place.store,
    ...(domain !== undefined && { domain }),
    ...(release !== undefined && { release }),
  };
  const lookup = openLookup({ place, view, now, subdomains: true, newest: new Map() });
  for (const reading of readings) {
    const finding = (await answerReadings(lookup, [reading])).get(reading);
    if (finding !== undefined) {
      const detail = await readDetail(lookup, finding, limit);
      return { term: text, read_as: [reading.kind], found: true, ...detail, suggestions: [] };
    }
  }
  return {
    term: text,
    read_as: kindsOf(readings),
    found: false,
    ...{ iocs: { total: 0, total_is_exact: true, newest: [] }, families: [], attack: [], tactics: [] },
    suggestions: await suggestNames(view, readings),
  };
}

const mostSuggestions = 10;

function suggestNames(view: AttackView, readings: readonly Reading[]): Promise<readonly Suggestion[]> {
  const [name = ""] = readings.flatMap((reading) => (reading.kind === "name" ? reading.name : []));
  return findSimilarNames(view, name, { limit: mostSuggestions });
}

/** Whole IOCs, and all that ATT&CK knows about what was found. */
async function readDetail(
  lookup: Lookup,
  { iocs, keys, families, objects, vulnerability }: Finding,
  limit: number,
): Promise<Pick<LookupAnswer, "iocs" | "families" | "attack" | "tactics" | "vulnerability">> {
  const { view, place } = lookup;
  const linked = await findObjects(
    view,
    families.flatMap(({ links }) => links.map(({ stix_id }) => stix_id)),
  );
  const named = [...newestById([...objects, ...linked]).values()];
  const [attack, tacticsInOrder] = await Promise.all([
    answerAttack(view, named),
    named.length === 0 ? [] : findTactics({ ...view, brief: true }),
  ]);
  // The IOCs of a tool that a group uses are not the group's, but the family belongs to the answer.
  const used = attack.flatMap(({ software }) => software.flatMap(({ attack_id }) => attack_id ?? []));
  const [found, familiesUsed] = await Promise.all([
    readIocs(lookup, iocs, keys, limit),
    findFamilies(place.store, "enriched.software_ids", used),
  ]);
  return {
    iocs: found,
    families: uniqueFamilies([...families, ...familiesUsed]),
    attack,
    tactics: tacticsOf(attack, tacticsInOrder),
    ...(vulnerability !== undefined && { vulnerability }),
  };
}

async function readIocs(
  lookup: Lookup,
  { total, total_is_exact }: IocSummary,
  keys: readonly IocKey[],
  limit: number,
): Promise<FoundIocs> {
  const newest = total === 0 ? [] : await readNewestIocs(lookup, keys, limit);
  return {
    total: Math.max(total, newest.length),
    total_is_exact: total_is_exact || newest.length < limit,
    newest,
  };
}

function tacticsOf(attack: readonly AttackAnswer[], inOrder: readonly AttackObject[]): readonly string[] {
  const used = new Set(attack.flatMap(({ techniques }) => techniques.flatMap(({ tactics }) => tactics)));
  const known = inOrder.flatMap((tactic) => shortNameOf(tactic) ?? []);
  return [...new Set([...known, ...used])].filter((tactic) => used.has(tactic));
}
