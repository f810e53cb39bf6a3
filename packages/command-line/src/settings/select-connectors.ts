import type { Connector } from "@cti-connectors/core/host";
import { UsageError } from "../process/exit-status.js";
import { findClosest } from "./find-closest.js";

/** All commands of the program, to suggest one when a name is mistyped. */
export const commandNames = [
  "run",
  "serve",
  "status",
  "health",
  "rejected",
  "lookup",
  "changes",
  "links",
  "layer",
  "export",
  "notify",
  "sandbox",
  "mongo",
  "config",
  "doctor",
  "completion",
];

/** `base` stands for the settings of the program itself. */
const reservedNames: readonly string[] = [...commandNames, "help", "base"];

/**
 * Makes sure that a name on the command line means one thing.
 *
 * @throws UsageError that names a connector which is called like a command, or like another connector
 */
export function checkConnectorNames(connectors: readonly Pick<Connector, "name">[]): void {
  const seen = new Set<string>();
  for (const { name } of connectors) {
    if (reservedNames.includes(name)) {
      throw new UsageError(
        `A connector is named ${name}, which is a reserved name: give it another name, such as ${name}-feed.`,
      );
    }
    if (seen.has(name)) {
      throw new UsageError(`Two connectors are named ${name}: give one of them another name.`);
    }
    seen.add(name);
  }
}

/**
 * The connectors with these names, in the order in which connectors run; without names, all.
 *
 * @throws UsageError that lists what there is where a name is unknown
 */
export function selectConnectors(
  connectors: readonly Connector[],
  names: readonly string[],
): readonly Connector[] {
  const known = connectors.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const meant = unknown.flatMap((name) => findClosest(name, [...known, ...commandNames]) ?? []);
    const question = meant.length === 0 ? "" : ` Did you mean ${meant.join(", ")}?`;
    throw new UsageError(
      `There is no command or connector named ${unknown.map((name) => `"${name}"`).join(", ")}.${question} Commands: ${commandNames.join(", ")}. Connectors: ${known.join(", ")}. See --help.`,
    );
  }
  return names.length === 0 ? connectors : connectors.filter(({ name }) => names.includes(name));
}
