import { oneLine } from "@cti-connectors/core";
import type { AnalyticSummary, AttackAnswer, AttackSummary } from "@cti-connectors/pivot";
import { formatCount, formatNumber } from "../text/format.js";
import { fitToWidth, indent, wrapWords } from "../text/width.js";
import type { CardLayout } from "./card-layout.js";

/**
 * An object of ATT&CK and what it is related to, as the lines of a card.
 *
 * @param tactics in the order of the matrices
 */
export function renderAttack(
  answer: AttackAnswer,
  tactics: readonly string[],
  options: CardLayout,
): string[] {
  const { object, successor, parent } = answer;
  const { paint, width } = options;
  const facts = [
    nameType(object.type, object.is_subtechnique),
    ...(object.type === "x-mitre-collection" && object.attack_version !== undefined
      ? [`release ${oneLine(object.attack_version)}`]
      : []),
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
    ...renderList("Tactics", answer.tactics, options),
    ...renderTechniques(answer.techniques, tactics, options),
    ...renderList("Sub-techniques", answer.sub_techniques, options),
    ...renderList("Groups", answer.groups, options),
    ...renderList("Campaigns", answer.campaigns, options),
    ...renderList("Software", answer.software, options),
    ...renderList("Assets", answer.assets, options),
    ...renderList("Mitigations", answer.mitigations, options),
    ...renderList("Detection strategies", answer.detection_strategies, options),
    ...renderAnalytics(answer, options),
    ...renderList("Data components", answer.data_components, options),
    ...renderList("Data sources", answer.data_sources, options),
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
  "x-mitre-matrix": "matrix",
  "x-mitre-collection": "domain",
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
  options: CardLayout,
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

/** Analytics with what they read; of an analytic itself, only that. */
function renderAnalytics({ object, analytics }: AttackAnswer, { all, width }: CardLayout): string[] {
  if (object.type === "x-mitre-analytic") {
    const sources = analytics.flatMap(({ log_sources }) => log_sources.map(nameLogSource));
    return sources.length === 0
      ? []
      : [
          `  Log sources (${formatNumber(sources.length)}):`,
          ...sources.flatMap((source) => hang(source, width, 4)),
        ];
  }
  const shown = all ? analytics : analytics.slice(0, shownOfList);
  const left = analytics.length - shown.length;
  const lines = shown.flatMap((analytic) => {
    const platforms = analytic.platforms.map((name) => oneLine(name)).join(", ");
    return [
      ...hang(`${nameObject(analytic)}${platforms === "" ? "" : ` on ${platforms}`}`, width, 4),
      ...analytic.log_sources.flatMap((source) => hang(nameLogSource(source), width, 6)),
    ];
  });
  return analytics.length === 0
    ? []
    : [
        `  Analytics (${formatNumber(analytics.length)}):`,
        ...lines,
        ...(left > 0 ? [`    ${formatNumber(left)} more`] : []),
      ];
}

/** Words on as many lines as they need, of which the first begins further left. */
function hang(text: string, width: number, by: number): string[] {
  const [first = "", ...others] = wrapWords(text, width - by - 2);
  return [...indent([first], by), ...indent(others, by + 2)];
}

function nameLogSource({ name, channel, data_component }: AnalyticSummary["log_sources"][number]): string {
  const source = [name, channel].flatMap((part) => (part === undefined ? [] : oneLine(part))).join(", ");
  return `${source === "" ? "" : `${source}: `}${nameObject(data_component)}`;
}

const shownOfList = 10;

function renderList(
  heading: string,
  summaries: readonly AttackSummary[],
  { all, width }: CardLayout,
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
