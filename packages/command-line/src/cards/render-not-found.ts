import { oneLine } from "@cti-connectors/core";
import type { DataState } from "@cti-connectors/core/host";
import type { LookupAnswer } from "@cti-connectors/pivot";
import { describeLoaded } from "../report/describe-data.js";
import { fitToWidth, wrapWords } from "../text/width.js";
import type { CardLayout } from "./card-layout.js";
import { nameReadings, nameTerm } from "./name-term.js";

export interface RenderNotFoundOptions extends CardLayout {
  /** The data of each connector. */
  readonly searched: readonly DataState[];
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
  const sources = searched.map(({ connector, loaded_at, part_loaded_at }) => {
    const loaded = describeLoaded({ loadedAt: loaded_at, partAt: part_loaded_at }, now);
    return `${connector} (${loaded})`;
  });
  const isEmpty = searched.every(({ loaded_at, part_loaded_at }) => !(loaded_at ?? part_loaded_at));
  return [
    paint("bold", `Nothing found for ${nameTerm(answer)} (read as ${nameReadings(answer)}).`),
    ...fitToWidth([`Searched ${sources[0] ?? ""}`, ...sources.slice(1)], width),
    ...wrapWords(`in ${place}.`, width),
    ...(isEmpty ? [`Load something first: ${command}`] : []),
    ...(suggestions.length === 0
      ? []
      : ["Names that begin like it:", ...suggestions.map(({ id, name }) => `  ${id} ${oneLine(name)}`)]),
  ];
}
