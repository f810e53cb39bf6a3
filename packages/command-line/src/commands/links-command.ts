import { baseConfig, parseConfig } from "@cti-connectors/core/host";
import { findLinks, type LinkState } from "@cti-connectors/pivot";
import { answerFromStore } from "../database/answer-from-store.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderLinks } from "../report/render-links.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { paintFor } from "../text/paint.js";
import { widthFor } from "../text/width.js";
import { sayOutdated } from "./say-outdated.js";

export interface LinksOptions {
  readonly state?: LinkState;
  readonly json?: boolean;
}

/** What links are made of, and they themselves. */
const sources = ["mitre-taxii", "malware-links"];

/**
 * Shows the stored links between malware families and software of ATT&CK, of all families or of those named.
 *
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function linksCommand(
  names: readonly string[],
  { state, json }: LinksOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { command, environment, redact } = surroundings;
  const settings = parseConfig(baseConfig, environment);
  return answerFromStore({ settings, surroundings, terminal, access: "read" }, async ({ store, place }) => {
    const outdated = await sayOutdated(sources, store, surroundings, terminal);
    const families = await findLinks(store.reader, { names, ...(state !== undefined && { state }) });
    const isStored = families.length > 0 || (await store.reader.exists("malware_links", {}));
    const text = () =>
      renderLinks(families, {
        ...{ place, command, isStored, isDetailed: names.length > 0 },
        paint: paintFor(process.stdout),
        width: widthFor(process.stdout),
      });
    terminal.print(answerText({ families, ...outdated }, { json, redact }, text));
    const isFound = isStored && (families.length > 0 || names.length === 0);
    return isFound ? exitStatus.ok : exitStatus.failed;
  });
}
