import { foldName } from "@cti-connectors/core";
import type { AttackView } from "../attack/attack-view.js";
import { findObjects, findObjectsByName } from "../attack/find-objects.js";
import { findTactics, shortNameOf } from "../attack/find-tactics.js";
import { objectTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type FoundFamily, findFamilies } from "../links/find-families.js";
import { kindsOf, parseTerm, type Reading } from "../term/parse-term.js";
import { type AttackAnswer, answerAttack } from "./answer-attack.js";
import { type FoundIocs, findIocs, type IocFilter, iocFilterOf } from "./find-iocs.js";
import { type FoundVulnerability, findVulnerabilities } from "./find-vulnerabilities.js";
import type { LookupPlace } from "./lookup-place.js";
import { type Suggestion, suggestNames } from "./suggest-names.js";

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
  options: LookUpOptions = {},
): Promise<LookupAnswer> {
  const { readings } = parseTerm(text);
  const lookup = openLookup(place, options);
  for (const reading of readings) {
    const findings = await findFor(lookup, reading);
    if (isAnything(findings)) {
      const tactics = await orderTactics(lookup.view, findings);
      return { term: text, read_as: [reading.kind], found: true, ...findings, tactics, suggestions: [] };
    }
  }
  const read_as = kindsOf(readings);
  const suggestions = await suggestNames(lookup.view, readings);
  return { term: text, read_as, found: false, ...nothing, tactics: [], suggestions };
}

/** What every question of a lookup needs. */
interface Lookup {
  readonly place: LookupPlace;
  readonly view: AttackView;
  readonly limit: number;
  readonly now: Date;
}

function openLookup(
  place: LookupPlace,
  { limit = 20, now = new Date(), domain, release }: LookUpOptions,
): Lookup {
  const view = {
    store: place.store,
    ...(domain !== undefined && { domain }),
    ...(release !== undefined && { release }),
  };
  return { place, view, limit, now };
}

/** What one reading has found. */
type Findings = Pick<LookupAnswer, "iocs" | "families" | "attack" | "vulnerability">;

const nothing = { iocs: { total: 0, newest: [] }, families: [], attack: [] } as const satisfies Findings;

function isAnything({ iocs, families, attack, vulnerability }: Findings): boolean {
  return iocs.total > 0 || families.length > 0 || attack.length > 0 || vulnerability !== undefined;
}

async function orderTactics(view: AttackView, { attack }: Findings): Promise<readonly string[]> {
  const used = new Set(attack.flatMap(({ techniques }) => techniques.flatMap(({ tactics }) => tactics)));
  if (used.size === 0) {
    return [];
  }
  const known = (await findTactics(view)).flatMap((tactic) => shortNameOf(tactic) ?? []);
  return [...new Set([...known, ...used])].filter((tactic) => used.has(tactic));
}

async function findFor(lookup: Lookup, reading: Reading): Promise<Findings> {
  const { place, view } = lookup;
  switch (reading.kind) {
    case "cve":
      return findForVulnerability(lookup, reading.id);
    case "attack-id":
    case "stix-id":
      return findForObjects(lookup, await findObjects(view, reading.id));
    case "malpedia-key":
      return findForIndicator(lookup, { "enriched.malware": reading.key }, [reading.key]);
    case "name": {
      const families = await findFamilies(place.store, "enriched.folded_names", [reading.folded]);
      const objects = await findObjectsByName(view, reading.name);
      return families.length === 0 && objects.length === 0
        ? findForIndicator(lookup, { "enriched.folded_tags": reading.folded })
        : findForObjects(lookup, objects, families);
    }
    default:
      return findForIndicator(lookup, iocFilterOf(reading));
  }
}

async function findForVulnerability(lookup: Lookup, id: string): Promise<Findings> {
  const vulnerability = (await findVulnerabilities(lookup.place, [id])).get(id);
  const tagged = await findForIndicator(lookup, { "enriched.folded_tags": foldName(id) });
  return { ...tagged, ...(vulnerability !== undefined && { vulnerability }) };
}

/**
 * IOCs, the families that they are of, and the software that these are.
 *
 * @param keys Malpedia keys of families that belong to the answer anyhow
 */
async function findForIndicator(
  lookup: Lookup,
  filter: IocFilter,
  keys: readonly string[] = [],
): Promise<Findings> {
  const iocs = await findIocs(lookup.place, filter, lookup);
  const all = [...keys, ...iocs.newest.flatMap(({ malware }) => malware ?? [])];
  const families = await findFamilies(lookup.place.store, "_id", all);
  return { iocs, families, attack: await answerAll(lookup, await findLinked(lookup.view, families)) };
}

/**
 * Objects of ATT&CK, and the families that are their software. The IOCs of these belong to the answer if the question was about the
 * software: those of a tool that a group uses are not the group's.
 */
async function findForObjects(
  lookup: Lookup,
  objects: readonly AttackObject[],
  named: readonly FoundFamily[] = [],
): Promise<Findings> {
  const known = new Set(objects.map(({ id }) => id));
  const linked = (await findLinked(lookup.view, named)).filter(({ id }) => !known.has(id));
  const attack = await answerAll(lookup, [...objects, ...linked]);
  const own = await findFamiliesOf(
    lookup,
    attack.map(({ object }) => object),
  );
  const asked = uniqueFamilies([...named, ...own]);
  const others = await findFamiliesOf(
    lookup,
    attack.flatMap(({ software }) => software),
  );
  const iocs = await findIocsOf(lookup, asked);
  return { iocs, families: uniqueFamilies([...asked, ...others]), attack };
}

async function findIocsOf(lookup: Lookup, families: readonly FoundFamily[]): Promise<FoundIocs> {
  const keys = families.map(({ malware }) => malware);
  return keys.length === 0
    ? nothing.iocs
    : findIocs(lookup.place, { "enriched.malware": keys.length === 1 ? keys[0] : { $in: keys } }, lookup);
}

/** The families that some software is. Other objects are none. */
function findFamiliesOf(
  { place }: Lookup,
  objects: readonly Pick<AttackObject, "attack_id" | "type">[],
): Promise<readonly FoundFamily[]> {
  const ids = objects
    .filter(({ type }) => objectTypes.software.has(type))
    .flatMap(({ attack_id }) => attack_id ?? []);
  return findFamilies(place.store, "enriched.software_ids", ids);
}

function uniqueFamilies(families: readonly FoundFamily[]): readonly FoundFamily[] {
  return [...new Map(families.map((family) => [family.malware, family])).values()];
}

/** The software that families are. */
function findLinked(view: AttackView, families: readonly FoundFamily[]): Promise<readonly AttackObject[]> {
  return findObjects(
    view,
    families.flatMap(({ links }) => links.map(({ stix_id }) => stix_id)),
  );
}

async function answerAll(
  { view }: Lookup,
  objects: readonly AttackObject[],
): Promise<readonly AttackAnswer[]> {
  const answers: AttackAnswer[] = [];
  for (const object of objects) {
    answers.push(await answerAttack(view, object));
  }
  return answers;
}
