import type { DataState } from "@cti-connectors/core/host";
import { formatAge } from "../text/format.js";

/** When a connector loaded everything, and when a part after that. */
export interface LoadTimes {
  readonly loadedAt: Date | undefined;
  readonly partAt: Date | undefined;
}

/** How old data is, such as `loaded 2 hours ago`. */
export function describeLoaded({ loadedAt, partAt }: LoadTimes, now: Date): string {
  if (loadedAt === undefined) {
    return partAt === undefined ? "never loaded" : `only a part loaded, ${formatAge(partAt, now)}`;
  }
  const part = partAt === undefined || partAt <= loadedAt ? "" : `, a part ${formatAge(partAt, now)}`;
  return `loaded ${formatAge(loadedAt, now)}${part}`;
}

/**
 * What answers may lack because an older version stored the documents, and what to do: a line for each connector.
 *
 * @param command how the program is started
 */
export function describeOutdated(
  states: readonly Pick<DataState, "connector" | "outdated">[],
  command: string,
): readonly string[] {
  return states.flatMap(({ connector, outdated = [] }) => {
    if (outdated.length === 0) {
      return [];
    }
    const collections = outdated.map(({ collection }) => collection).join(", ");
    const lacks = outdated.flatMap(({ lacks: lack }) => lack ?? []).join("; ");
    const loss = lacks === "" ? "answers may be incomplete" : `answers may lack ${lacks}`;
    return [
      `Documents of an older version are stored in ${collections}: ${loss}. Upgrade them, without requests: ${command} run ${connector}`,
    ];
  });
}
