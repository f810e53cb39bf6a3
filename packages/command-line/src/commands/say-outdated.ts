import { findOutdated, type OutdatedCollection, type Store } from "@cti-connectors/core/host";
import type { Terminal } from "../process/terminal.js";
import { describeOutdated } from "../report/describe-data.js";
import { configureValid } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";

/**
 * Says before an answer what it may lack because an older version stored the documents.
 *
 * @param names the connectors whose data the answer is made of
 * @returns the same, for an answer in JSON
 */
export async function sayOutdated(
  names: readonly string[],
  store: Store,
  { connectors, environment, command }: Pick<Surroundings, "connectors" | "environment" | "command">,
  terminal: Pick<Terminal, "say">,
): Promise<{ readonly outdated?: readonly OutdatedCollection[] }> {
  const asked = connectors.filter(({ name }) => names.includes(name));
  const states = [];
  for (const connector of configureValid(asked, environment)) {
    states.push({ connector: connector.name, outdated: await findOutdated(store, connector) });
  }
  for (const line of describeOutdated(states, command)) {
    terminal.say(line);
  }
  const outdated = states.flatMap((state) => state.outdated);
  return outdated.length === 0 ? {} : { outdated };
}
