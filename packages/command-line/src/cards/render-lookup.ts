import type { LookupAnswer } from "@cti-connectors/pivot";
import { describeOutdated } from "../report/describe-data.js";
import { wrapWords } from "../text/width.js";
import { nameReadings, nameTerm } from "./name-term.js";
import { renderAttack } from "./render-attack.js";
import { renderFamilies, renderIocs } from "./render-iocs.js";
import { type RenderNotFoundOptions, renderNotFound } from "./render-not-found.js";
import { renderVulnerability } from "./render-vulnerability.js";

export type RenderLookupOptions = RenderNotFoundOptions;

/** A card for each term: for people. */
export function renderLookup(answers: readonly LookupAnswer[], options: RenderLookupOptions): string {
  const cards = answers.map((answer) =>
    answer.found ? renderFound(answer, options) : renderNotFound(answer, options).join("\n"),
  );
  const isCut = !options.all && answers.some(({ found }) => found);
  const advice = isCut ? ["--all shows whole lists, --json everything."] : [];
  const lines = [...describeOutdated(options.searched, options.command), ...advice];
  return [...cards, ...lines.map((line) => wrapWords(line, options.width).join("\n"))].join("\n\n");
}

function renderFound(answer: LookupAnswer, options: RenderLookupOptions): string {
  const { iocs, families, attack, tactics, vulnerability } = answer;
  const parts = [
    [options.paint("bold", `${nameTerm(answer)} (${nameReadings(answer)})`)],
    ...(vulnerability === undefined ? [] : [renderVulnerability(vulnerability, options)]),
    ...(iocs.total === 0 ? [] : [renderIocs(iocs, options)]),
    ...(families.length === 0 ? [] : [renderFamilies(families, options)]),
    ...attack.map((found) => renderAttack(found, tactics, options)),
  ];
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}
