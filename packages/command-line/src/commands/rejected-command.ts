import { listRejected, retryRejected } from "@cti-connectors/core/host";
import { answerFromStore } from "../database/answer-from-store.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderRejected, renderRetry } from "../report/render-rejected.js";
import { readSettings } from "../settings/read-settings.js";
import { selectConnectors } from "../settings/select-connectors.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";

export interface RejectedOptions {
  readonly retry?: boolean;
  readonly json?: boolean;
  /** The maximum number to list. */
  readonly limit?: number;
}

/** How many are listed for people where they do not say. */
const defaultLimit = 20;
const finishing = "Finishing the current records. Press Ctrl-C again to stop at once.";
/** For the records in hand, so that the command ends within 10 s. */
const retryGraceMs = 6_000;

/**
 * Lists the records that were rejected, of all connectors or of those named, or tries them again.
 *
 * @throws UsageError where a name is unknown, or options do not fit
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function rejectedCommand(
  names: readonly string[],
  { retry = false, json = false, limit }: RejectedOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { connectors, command, environment, redact, secrets } = surroundings;
  if (retry && limit !== undefined) {
    throw new UsageError("--limit cannot be combined with --retry, which tries every record.");
  }
  const settings = readSettings(selectConnectors(connectors, names), environment, connectors);
  const options = retry
    ? { graceMs: retryGraceMs, whenInterrupted: finishing }
    : ({ access: "read" } as const);
  return answerFromStore(
    { settings: settings.base, surroundings, terminal, ...options },
    async ({ store }, signal) => {
      if (retry) {
        const reports = await retryRejected({ store, connectors: settings.connectors, secrets, signal });
        terminal.print(
          answerText({ connectors: reports }, { json, redact }, () => renderRetry(reports, command)),
        );
        if (signal.aborted) {
          return exitStatus.interrupted;
        }
        return reports.some(({ status }) => status === "failed") ? exitStatus.failed : exitStatus.ok;
      }
      const list = await listRejected({
        store,
        connectors: names.length === 0 ? undefined : names,
        limit: limit ?? (json ? undefined : defaultLimit),
      });
      terminal.print(answerText(list, { json, redact }, () => renderRejected(list, command, new Date())));
      return exitStatus.ok;
    },
  );
}
