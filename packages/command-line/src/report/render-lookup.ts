import { oneLine } from "@cti-connectors/core";
import type {
  AttackAnswer,
  AttackSummary,
  FoundFamily,
  FoundIoc,
  FoundIocs,
  FoundVulnerability,
  LookupAnswer,
} from "@cti-connectors/pivot";
import { formatAge, formatCount, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";
import { joinToWidth, wrapWords } from "../text/width.js";

/** What a lookup has searched, and when that was loaded. */
export interface SearchedSource {
  /** A connector. */
  readonly connector: string;
  /** When its last run without a fault ended. Absent: it has never been loaded. */
  readonly loaded_at?: Date;
}

export interface RenderLookupOptions {
  readonly searched: readonly SearchedSource[];
  /** Which database this is. */
  readonly place: string;
  /** How the program is started. */
  readonly command: string;
  /** Show whole lists. */
  readonly all: boolean;
  readonly now: Date;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

/** A card for each term: for people. */
export function renderLookup(answers: readonly LookupAnswer[], options: RenderLookupOptions): string {
  const cards = answers.map((answer) =>
    answer.found ? renderFound(answer, options) : renderNotFound(answer, options),
  );
  const isCut = !options.all && answers.some(({ found }) => found);
  const advice = wrapWords("--all shows whole lists, --json everything.", options.width).join("\n");
  return [...cards, ...(isCut ? [advice] : [])].join("\n\n");
}

function renderFound(answer: LookupAnswer, options: RenderLookupOptions): string {
  const { term, read_as, iocs, families, attack, tactics, vulnerability } = answer;
  const parts = [
    [options.paint("bold", `${oneLine(term, longestTerm)} (${read_as.map(nameReading).join(", ")})`)],
    ...(vulnerability === undefined ? [] : [renderVulnerability(vulnerability, options)]),
    ...(iocs.total === 0 ? [] : [renderIocs(iocs, options)]),
    ...(families.length === 0 ? [] : [renderFamilies(families, options)]),
    ...attack.map((found) => renderAttack(found, tactics, options)),
  ];
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}

const longestTerm = 200;

const readingNames: Readonly<Record<string, string>> = {
  address: "IP address",
  url: "URL",
  email: "e-mail address",
  cve: "CVE id",
  "attack-id": "ATT&CK id",
  "stix-id": "STIX id",
  "malpedia-key": "Malpedia key",
};

function nameReading(kind: string): string {
  return readingNames[kind] ?? kind;
}

function renderNotFound(
  { term, read_as, suggestions }: LookupAnswer,
  { searched, place, command, now, paint, width }: RenderLookupOptions,
): string {
  const ways =
    read_as.length === 0 ? "it has no letters or digits" : `read as ${read_as.map(nameReading).join(", ")}`;
  const sources = searched.map(({ connector, loaded_at }) =>
    loaded_at === undefined
      ? `${connector} (never loaded)`
      : `${connector} (loaded ${formatAge(loaded_at, now)})`,
  );
  const isEmpty = searched.every(({ loaded_at }) => loaded_at === undefined);
  return [
    paint("bold", `Nothing found for ${oneLine(term, longestTerm)} (${ways}).`),
    ...fitToWidth([`Searched ${sources[0] ?? ""}`, ...sources.slice(1)], width),
    ...wrapWords(`in ${place}.`, width),
    ...(isEmpty ? [`Load something first: ${command}`] : []),
    ...(suggestions.length === 0
      ? []
      : ["Names that begin like it:", ...suggestions.map(({ id, name }) => `  ${id} ${oneLine(name)}`)]),
  ].join("\n");
}

function renderVulnerability(
  {
    id,
    name,
    vendor,
    product,
    added_at,
    due_at,
    ransomware,
    description,
    action,
    removed_at,
  }: FoundVulnerability,
  { width, paint }: RenderLookupOptions,
): string[] {
  const facts = [
    `known to be exploited since ${formatDay(added_at)}`,
    ...(ransomware === true ? ["used by ransomware"] : []),
    ...(due_at === null || due_at === undefined ? [] : [`due ${formatDay(due_at)}`]),
    ...(removed_at === null ? [] : [`no longer in CISA's catalogue since ${formatDay(removed_at)}`]),
  ];
  const title = [vendor, product].filter((part) => typeof part === "string").join(" ");
  return [
    paint("cyan", `CISA KEV ${id}: ${oneLine(name ?? title)}`),
    ...indent(fitToWidth(facts, width - 2)),
    ...indent(wrapWords(oneLine(description ?? ""), width - 2)),
    ...indent(wrapWords(oneLine(action ?? ""), width - 2)),
  ];
}

function renderIocs({ total, newest }: FoundIocs, options: RenderLookupOptions): string[] {
  const { paint } = options;
  const more = total > newest.length ? `, the newest ${formatNumber(newest.length)}` : "";
  return [
    paint("cyan", `${formatCount(total, "IOC")}${more}`),
    ...newest.flatMap((ioc) => renderIoc(ioc, options)),
  ];
}

function renderIoc(
  {
    id,
    type,
    defanged,
    malware,
    malware_name,
    confidence,
    first_seen,
    last_seen,
    expires_at,
    expired,
    reporter,
    reference,
    tags,
  }: FoundIoc,
  { width, paint }: RenderLookupOptions,
): string[] {
  const facts = [
    ...(malware_name === null && malware === null ? [] : [oneLine(malware_name ?? malware ?? "")]),
    ...(type === null ? [] : [oneLine(type)]),
    ...(confidence === null ? [] : [`confidence ${confidence}`]),
    ...(first_seen === null ? [] : [`first seen ${formatDay(first_seen)}`]),
    ...(last_seen === null ? [] : [`last seen ${formatDay(last_seen)}`]),
    ...(expires_at === null ? [] : [`${expired ? "expired" : "expires"} ${formatDay(expires_at)}`]),
    ...(reporter === null ? [] : [`reported by ${oneLine(reporter)}`]),
    ...(tags.length === 0 ? [] : [`tags ${tags.map((tag) => oneLine(tag, longestTag)).join(" ")}`]),
    `ThreatFox ${id}`,
  ];
  return [
    `  ${paint("bold", oneLine(defanged, 200))}`,
    ...indent(fitToWidth(facts, width - 4), 4),
    ...(reference === null ? [] : [`    ${oneLine(reference, 200)}`]),
  ];
}

const longestTag = 60;
const shownFamilies = 8;

function renderFamilies(
  families: readonly FoundFamily[],
  { all, width, paint }: RenderLookupOptions,
): string[] {
  const shown = all ? families : families.slice(0, shownFamilies);
  return [
    paint("cyan", `Malware of ThreatFox: ${formatCount(families.length, "family", "families")}`),
    ...shown.flatMap(({ malware, name, aliases, state, links }) => {
      const also = aliases.length === 0 ? [] : [`also ${aliases.map((alias) => oneLine(alias)).join(", ")}`];
      const linked = links.map((link) => `${link.attack_id} ${oneLine(link.name)} (by ${link.found_by})`);
      const link = linked.length === 0 ? `not linked to ATT&CK (${state})` : `is ${linked.join(", ")}`;
      return [
        `  ${oneLine(name)} (${oneLine(malware)})`,
        ...indent(fitToWidth([...also, link], width - 4), 4),
      ];
    }),
    ...moreOf(families.length - shown.length),
  ];
}

function renderAttack(
  answer: AttackAnswer,
  tactics: readonly string[],
  options: RenderLookupOptions,
): string[] {
  const { object, successor, parent } = answer;
  const { paint, width } = options;
  const facts = [
    nameType(object.type, object.is_subtechnique),
    ...(object.revoked ? ["revoked"] : []),
    ...(object.deprecated ? ["deprecated"] : []),
    ...(object.aliases.length === 0
      ? []
      : [`also ${object.aliases.map((alias) => oneLine(alias)).join(", ")}`]),
    ...(object.platforms.length === 0
      ? []
      : [`on ${object.platforms.map((name) => oneLine(name)).join(", ")}`]),
    ...(object.tactics.length === 0
      ? []
      : [`tactics ${object.tactics.map((name) => oneLine(name)).join(", ")}`]),
  ];
  return [
    paint("cyan", `ATT&CK ${nameObject(object)}`),
    ...indent(fitToWidth(facts, width - 2)),
    ...(object.url === undefined ? [] : [`  ${oneLine(object.url)}`]),
    ...(successor === undefined ? [] : [`  Revoked by ${nameObject(successor)}`]),
    ...(parent === undefined ? [] : [`  Sub-technique of ${nameObject(parent)}`]),
    ...renderTechniques(answer.techniques, tactics, options),
    ...renderList("Sub-techniques", answer.sub_techniques, options),
    ...renderList("Groups", answer.groups, options),
    ...renderList("Campaigns", answer.campaigns, options),
    ...renderList("Software", answer.software, options),
    ...renderList("Mitigations", answer.mitigations, options),
    ...renderList("Detection strategies", answer.detection_strategies, options),
    ...renderList("Data components", answer.data_components, options),
  ];
}

const typeNames: Readonly<Record<string, string>> = {
  "attack-pattern": "technique",
  "intrusion-set": "group",
  "course-of-action": "mitigation",
  "x-mitre-tactic": "tactic",
  "x-mitre-data-component": "data component",
  "x-mitre-data-source": "data source",
  "x-mitre-detection-strategy": "detection strategy",
  "x-mitre-analytic": "analytic",
  "x-mitre-asset": "asset",
};

function nameType(type: string, isSubTechnique: boolean): string {
  return isSubTechnique ? "sub-technique" : (typeNames[type] ?? type);
}

function nameObject({ attack_id, name, id }: Pick<AttackSummary, "attack_id" | "name" | "id">): string {
  return [attack_id ?? id, ...(name === undefined ? [] : [oneLine(name)])].join(" ");
}

/** By tactic; a technique of several tactics is in each. */
function renderTechniques(
  techniques: readonly AttackSummary[],
  tactics: readonly string[],
  options: RenderLookupOptions,
): string[] {
  if (techniques.length === 0) {
    return [];
  }
  const groups = tactics.map((tactic) => ({
    tactic,
    used: techniques.filter((technique) => technique.tactics.includes(tactic)),
  }));
  return [
    `  ${formatCount(techniques.length, "technique")} by tactic:`,
    ...groups
      .filter(({ used }) => used.length > 0)
      .flatMap(({ tactic, used }) => [
        `    ${tactic}`,
        ...indent(fitToWidth(used.map(nameObject), options.width - 6), 6),
      ]),
  ];
}

const shownOfList = 10;

function renderList(
  heading: string,
  summaries: readonly AttackSummary[],
  { all, width }: RenderLookupOptions,
): string[] {
  if (summaries.length === 0) {
    return [];
  }
  const shown = all ? summaries : summaries.slice(0, shownOfList);
  const left = summaries.length - shown.length;
  const longest = width - "    ,".length;
  const names = [
    ...shown.map((summary) => oneLine(nameCounted(summary), longest)),
    ...(left > 0 ? [`${formatNumber(left)} more`] : []),
  ];
  return [`  ${heading} (${formatNumber(summaries.length)}):`, ...indent(fitToWidth(names, width - 4), 4)];
}

function nameCounted(summary: AttackSummary): string {
  const count = summary.relations > 1 ? ` ×${formatNumber(summary.relations)}` : "";
  return `${nameObject(summary)}${count}`;
}

function moreOf(count: number): string[] {
  return count > 0 ? [`  ${formatNumber(count)} more`] : [];
}

function formatDay(date: Date): string {
  return date.toISOString().slice(0, "2026-01-31".length);
}

function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => `${" ".repeat(by)}${line}`);
}

/** Parts on as many lines as they need; a part that is longer than a line, such as a list of aliases, goes on in the next one. */
function fitToWidth(parts: readonly string[], width: number): string[] {
  return joinToWidth(parts, width).flatMap((line) => (line.length > width ? wrapWords(line, width) : line));
}
