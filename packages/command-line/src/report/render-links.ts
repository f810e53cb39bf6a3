import { oneLine } from "@cti-connectors/core";
import type {
  FamilyLinks,
  LinkState,
  MalwareLink,
  RejectedLink,
  RejectionReason,
} from "@cti-connectors/pivot";
import { formatCount, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";
import { left, renderTable, right } from "../text/render-table.js";
import { joinToWidth } from "../text/width.js";

export interface RenderLinksOptions {
  /** Which database this is. */
  readonly place: string;
  /** How the program is started. */
  readonly command: string;
  /** Whether any link is stored. */
  readonly isStored: boolean;
  /** Show everything of each family: for a few. */
  readonly isDetailed: boolean;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

const states: readonly LinkState[] = ["linked", "ambiguous", "unlinked"];

/** In tables and lists: a longer one is odd, and would widen them. */
const longestName = 24;
const longestKey = 40;

const reasons: Readonly<Record<RejectionReason, string>> = {
  table: "different, decided by hand",
  platforms: "other platforms",
  short_name: "short name",
  generic_name: "generic name",
  name_of_several_software: "name of several software",
  name_of_several_families: "name of several families",
  several_software: "aliases of several software",
  other_software: "other software fits better",
  revoked: "revoked, without a successor",
};

/** Malware families and their software of ATT&CK, by state: for people. */
export function renderLinks(families: readonly FamilyLinks[], options: RenderLinksOptions): string {
  const { place, command, isStored, isDetailed, width } = options;
  if (!isStored) {
    return [
      `The ${place} has no links between malware families and ATT&CK.`,
      `Load ATT&CK and ThreatFox first: ${command}`,
    ].join("\n");
  }
  if (families.length === 0) {
    return "No malware family matches.";
  }
  if (isDetailed) {
    return families.map((family) => renderFamily(family, options)).join("\n\n");
  }
  const groups = states.map((state) => ({
    state,
    group: families.filter((family) => family.state === state),
  }));
  const counts = groups
    .filter(({ group }) => group.length > 0)
    .map(({ state, group }) => `${formatNumber(group.length)} ${state}`);
  const heading = `${formatCount(families.length, "malware family", "malware families")}: ${counts.join(", ")}`;
  const parts = groups.flatMap(({ state, group }) => renderGroup(state, group, options));
  const advice = joinToWidth([`One family with all details: ${command} links win.cobalt_strike`], width);
  return [heading, ...parts, ...advice].join("\n\n");
}

function renderGroup(
  state: LinkState,
  group: readonly FamilyLinks[],
  { paint, width }: RenderLinksOptions,
): readonly string[] {
  const heading = paint("bold", state);
  if (group.length === 0) {
    return [];
  }
  if (state === "linked") {
    return [`${heading}\n${renderLinked(group, width)}`];
  }
  const withCandidates = group.filter(({ rejected }) => rejected.length > 0);
  const others = group.filter(({ rejected }) => rejected.length === 0);
  return [
    ...(withCandidates.length > 0 ? [`${heading}, similar\n${renderCandidates(withCandidates, width)}`] : []),
    ...(others.length > 0
      ? [
          `${heading}\n${joinToWidth(
            others.map(({ family }) => keyOf(family)),
            width,
          ).join("\n")}`,
        ]
      : []),
  ];
}

function renderLinked(group: readonly FamilyLinks[], width: number): string {
  const columns = [left("family"), left("name"), left("software"), left("found by"), right("confidence")];
  const rows = group.flatMap(({ family, links }) =>
    links.map((link) => [
      keyOf(family),
      oneLine(family.name, longestName),
      `${describeSoftware(link)}${noteOf(link)}`,
      link.found_by,
      String(link.confidence),
    ]),
  );
  return renderTable(columns, rows, { width, shortens: true });
}

function renderCandidates(group: readonly FamilyLinks[], width: number): string {
  const columns = [left("family"), left("software"), left("not linked because")];
  const rows = group.flatMap(({ family, rejected }) =>
    rejected.map((one) => [keyOf(family), describeSoftware(one), reasons[one.reason]]),
  );
  return renderTable(columns, rows, { width, shortens: true });
}

const keyOf = ({ malware }: FamilyLinks["family"]) => oneLine(malware, longestKey);

function renderFamily({ family, state, links, rejected }: FamilyLinks, options: RenderLinksOptions): string {
  const { paint, width } = options;
  const aliases =
    family.aliases.length === 0
      ? []
      : joinToWidth(
          family.aliases.map((alias) => oneLine(alias)),
          width - 2,
        );
  return [
    `${paint("bold", oneLine(family.malware))} ${oneLine(family.name)}: ${state}`,
    ...aliases.map((line) => `  ${line}`),
    ...links.flatMap((link) => [
      `  ${describeSoftware(link)}${noteOf(link)}`,
      `    found by ${link.found_by}${namesOf(link)}, confidence ${link.confidence}`,
    ]),
    ...rejected.flatMap((one) => [
      `  not ${describeSoftware(one)}`,
      `    ${reasons[one.reason]}${namesOf(one)}`,
    ]),
  ].join("\n");
}

const describeSoftware = ({ attack_id, name }: MalwareLink | RejectedLink) => `${attack_id} ${oneLine(name)}`;

const namesOf = ({ names }: MalwareLink | RejectedLink) =>
  names.length === 0 ? "" : ` (${names.map((name) => oneLine(name)).join(", ")})`;

function noteOf({ deprecated, successor_of }: MalwareLink): string {
  const notes = [
    ...(deprecated ? ["deprecated"] : []),
    ...(successor_of.length > 0 ? [`in place of ${successor_of.join(", ")}`] : []),
  ];
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}
