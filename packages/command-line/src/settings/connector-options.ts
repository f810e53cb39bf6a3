import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Connector, Redact, RunOptionValues } from "@cti-connectors/core/host";
import { UsageError } from "../process/exit-status.js";
import type { AskedOptions } from "./read-settings.js";

/** An option that connectors have, as the command line takes it. */
export interface ConnectorOption {
  readonly name: string;
  /** `--backfill [source]`. */
  readonly flags: string;
  /** Who has it, and what it does there. */
  readonly owners: readonly { readonly connector: string; readonly summary: string }[];
}

/**
 * The options of all connectors, each once.
 *
 * @param taken flags of the program's own, such as `--json`
 * @throws UsageError that names a connector whose option has one of these, or is written otherwise in another connector
 */
export function findConnectorOptions(
  connectors: readonly Connector[],
  taken: readonly string[],
): readonly ConnectorOption[] {
  const found = new Map<string, ConnectorOption>();
  for (const { name: connector, options = {} } of connectors) {
    for (const [name, { value, values = value, summary }] of Object.entries(options)) {
      const flags = values === undefined ? `--${name}` : `--${name} ${values}`;
      const other = found.get(name);
      if (taken.includes(`--${name}`)) {
        throw new UsageError(
          `The connector ${connector} has the option --${name}, which is a flag of the program: rename it in ${connector}.`,
        );
      }
      if (other !== undefined && other.flags !== flags) {
        throw new UsageError(
          `The connectors ${other.owners[0]?.connector} and ${connector} share an option, but one writes ${other.flags} and the other ${flags}: write it the same way in both.`,
        );
      }
      found.set(name, { name, flags, owners: [...(other?.owners ?? []), { connector, summary }] });
    }
  }
  return [...found.values()];
}

/**
 * Makes sure that what was asked can be meant.
 *
 * @param chosen the connectors to run
 * @param all of the program
 * @throws UsageError where none of those to run has the option, or its value is the name of a connector
 */
export function checkConnectorOptions(
  { values, folder }: AskedOptions,
  chosen: readonly Connector[],
  all: readonly Connector[],
): void {
  const namesOf = (connectors: readonly Connector[]) => connectors.map(({ name }) => name).join(", ");
  for (const [name, value] of Object.entries(values)) {
    const isOwner = ({ options = {} }: Connector) => Object.hasOwn(options, name);
    if (!chosen.some(isOwner)) {
      throw new UsageError(
        `--${name} is an option of ${namesOf(all.filter(isOwner))}, but this run has only ${namesOf(chosen)}.`,
      );
    }
    const connector = all.find((one) => textsOf(value).includes(one.name))?.name;
    if (connector !== undefined && !existsSync(resolve(folder, connector))) {
      throw new UsageError(
        `--${name} ${connector}: ${connector} is a connector, but the value of --${name} was expected. To run ${connector} with --${name}, write: run ${connector} --${name}`,
      );
    }
  }
}

/**
 * What is odd about the options, one line each.
 *
 * @param redact takes out the secrets of the run
 */
export function warnOfSecrets(values: RunOptionValues, redact: Redact): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    textsOf(value).some((text) => redact(text) !== text)
      ? [
          `the value of --${name} holds a secret, and the process list shows it to every user of this machine. Put it into a setting in .env instead: --help lists them`,
        ]
      : [],
  );
}

function textsOf(value: RunOptionValues[string]): readonly string[] {
  if (value === true) {
    return [];
  }
  return typeof value === "string" ? [value] : value;
}
