import { oneLine } from "@cti-connectors/core";
import type { LookupAnswer } from "@cti-connectors/pivot";
import { formatAge } from "../text/format.js";
import { fitToWidth, wrapWords } from "../text/width.js";
import type { CardLayout } from "./card-layout.js";
import { nameReadings, nameTerm } from "./name-term.js";

/** What a lookup has searched, and when that was loaded. */
export interface SearchedSource {
  /** A connector. */
  readonly connector: string;
  /** When its last run without a fault ended. Absent: it has never been loaded. */
  readonly loaded_at?: Date;
}

export interface RenderNotFoundOptions extends CardLayout {
  readonly searched: readonly SearchedSource[];
  /** Which database this is. */
  readonly place: string;
  /** How the program is started. */
  readonly command: string;
  readonly now: Date;
}

/** What was searched in vain, as the lines of a card. */
export function renderNotFound(
  answer: LookupAnswer,
  { searched, place, command, now, paint, width }: RenderNotFoundOptions,
): string[] {
  const { suggestions } = answer;
  const ways =
    answer.read_as.length === 0 ? "it has no letters or digits" : `read as ${nameReadings(answer)}`;
  const sources = searched.map(({ connector, loaded_at }) =>
    loaded_at === undefined
      ? `${connector} (never loaded)`
      : `${connector} (loaded ${formatAge(loaded_at, now)})`,
  );
  const isEmpty = searched.every(({ loaded_at }) => loaded_at === undefined);
  return [
    paint("bold", `Nothing found for ${nameTerm(answer)} (${ways}).`),
    ...fitToWidth([`Searched ${sources[0] ?? ""}`, ...sources.slice(1)], width),
    ...wrapWords(`in ${place}.`, width),
    ...(isEmpty ? [`Load something first: ${command}`] : []),
    ...(suggestions.length === 0
      ? []
      : ["Names that begin like it:", ...suggestions.map(({ id, name }) => `  ${id} ${oneLine(name)}`)]),
  ];
}
