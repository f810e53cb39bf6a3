import { oneLine } from "@cti-connectors/core";
import type { FoundFamily, FoundIoc, FoundIocs } from "@cti-connectors/pivot";
import { formatCount, formatDay, formatNumber } from "../text/format.js";
import { fitToWidth, indent } from "../text/width.js";
import { type CardLayout, moreOf } from "./card-layout.js";

/** IOCs of ThreatFox, as the lines of a card. */
export function renderIocs({ total, total_is_exact, newest }: FoundIocs, options: CardLayout): string[] {
  const { paint } = options;
  const least = total_is_exact ? "" : "More than ";
  const isCut = total > newest.length || !total_is_exact;
  const more = isCut ? `, the newest ${formatNumber(newest.length)}` : "";
  return [
    paint("cyan", `${least}${formatCount(total, "IOC")}${more}`),
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
  { width, paint }: CardLayout,
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

/** Families of ThreatFox, and what they are in ATT&CK. */
export function renderFamilies(
  families: readonly FoundFamily[],
  { all, width, paint }: CardLayout,
): string[] {
  const shown = all ? families : families.slice(0, shownFamilies);
  return [
    paint("cyan", `Malware of ThreatFox: ${formatCount(families.length, "family", "families")}`),
    ...shown.flatMap(({ malware, name, aliases, state, links }) => {
      const also =
        aliases.length === 0 ? [] : [`also known as ${aliases.map((alias) => oneLine(alias)).join(", ")}`];
      const linked = links.map(
        (link) => `${link.attack_id} ${oneLine(link.name)} (matched by ${link.found_by})`,
      );
      const link = linked.length === 0 ? `not linked to ATT&CK (${state})` : `ATT&CK: ${linked.join(", ")}`;
      return [
        `  ${oneLine(name)} (${oneLine(malware)})`,
        ...indent([...fitToWidth(also, width - 4), ...fitToWidth([link], width - 4)], 4),
      ];
    }),
    ...moreOf(families.length - shown.length),
  ];
}
