import { baseConfig, parseConfig } from "@cti-connectors/core/host";
import { type ReadChangesOptions, readChanges, UnknownReleaseError } from "@cti-connectors/mitre-taxii";
import { answerFromStore } from "../database/answer-from-store.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderChanges } from "../report/render-changes.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { paintFor } from "../text/paint.js";
import { widthFor } from "../text/width.js";

export interface ChangesOptions {
  /** Releases, such as 17.1. */
  readonly from?: string;
  readonly to?: string;
  readonly since?: Date;
  /** Show people every change. */
  readonly all?: boolean;
  /** Objects that were revoked or deprecated before, too. */
  readonly includeRetired?: boolean;
  readonly json?: boolean;
}

/**
 * Shows what changed in ATT&CK between two stored releases, or in the database since a time.
 *
 * @throws UsageError where a release is not stored, or both releases and a time are asked for
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function changesCommand(
  options: ChangesOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { command, environment, redact } = surroundings;
  const question = questionOf(options);
  const settings = parseConfig(baseConfig, environment);
  try {
    return await answerFromStore(
      { settings, surroundings, terminal, access: "read" },
      async ({ store, place }) => {
        const { all = false, includeRetired = false, json = false } = options;
        const changes = await readChanges(store.reader, { ...question, includeRetired, withFields: json });
        const text = () =>
          renderChanges(changes, {
            place,
            command,
            all,
            paint: paintFor(process.stdout),
            width: widthFor(process.stdout),
          });
        terminal.print(answerText(changes, { json, redact }, text));
        return exitStatus.ok;
      },
    );
  } catch (error) {
    throw error instanceof UnknownReleaseError ? new UsageError(error.message, { cause: error }) : error;
  }
}

function questionOf({ from, to, since }: ChangesOptions): ReadChangesOptions {
  if (since === undefined) {
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  }
  if (from !== undefined || to !== undefined) {
    throw new UsageError(
      "--since asks what changed in the database, --from and --to what changed between releases: give one or the other.",
    );
  }
  return { since };
}
