import { readStatus } from "@cti-connectors/core/host";
import { answerFromStore } from "../database/answer-from-store.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderStatus } from "../report/render-status.js";
import { readSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";

export interface StatusOptions {
  readonly json?: boolean;
}

/**
 * Shows what is stored, how old it is, how the last runs went, and how many requests are left.
 *
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function statusCommand(
  { json = false }: StatusOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { connectors, command, environment, redact } = surroundings;
  const settings = readSettings(connectors, environment);
  return answerFromStore({ settings: settings.base, surroundings, terminal }, async (opened) => {
    const status = await readStatus({ store: opened.store, connectors: settings.connectors });
    const place = { ...opened, command };
    terminal.print(answerText(status, { json, redact }, () => renderStatus(status, place, new Date())));
    return exitStatus.ok;
  });
}
