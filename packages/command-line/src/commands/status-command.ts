import { readStatus } from "@cti-connectors/core/host";
import { answerFromStore } from "../database/answer-from-store.js";
import type { ConfiguredStore } from "../database/open-configured-store.js";
import { judgeHealth } from "../health/judge-health.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderStatus } from "../report/render-status.js";
import { readSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { widthFor } from "../text/width.js";

export interface StatusOptions {
  readonly json?: boolean;
  /** How old the data of each connector may be, in milliseconds. Default: the setting MAX_DATA_AGE; without it any age will do. */
  readonly maxAge?: number;
  /** For tests. Default: the clock. */
  readonly now?: () => Date;
}

/**
 * Shows what is stored, how old it is, how the last runs went, and how many requests are left.
 *
 * @returns `failed` where a connector that is set up has never loaded its data, or its data is too old
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function statusCommand(
  { json = false, maxAge, now: clock = () => new Date() }: StatusOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { connectors, command, environment, redact } = surroundings;
  const { base, connectors: configured } = readSettings(connectors, environment);
  const options = { settings: base, surroundings, terminal, access: "read" } as const;
  return answerFromStore(options, async (opened) => {
    const status = await readStatus({ store: opened.store, connectors: configured });
    const now = clock();
    const maxAgeMs = maxAge ?? base.MAX_DATA_AGE;
    const health = judgeHealth(status.connectors, configured, { maxAgeMs, now });
    const answer = { ...status, store: describeStore(opened), health: { maxAgeMs, ...health } };
    const { place, look } = opened;
    terminal.print(
      answerText(answer, { json, redact }, () =>
        renderStatus(status, {
          place,
          look,
          command,
          health,
          maxAgeMs,
          now,
          width: widthFor(process.stdout),
        }),
      ),
    );
    return health.isHealthy ? exitStatus.ok : exitStatus.failed;
  });
}

/** Without the address of a server that ends with this command. */
function describeStore({ store: { kind, db, host, folder, isBorrowed } }: ConfiguredStore): object {
  const isServed = kind === "mongodb" || isBorrowed;
  return { kind, db, ...(isServed && { host }), ...(folder !== undefined && { folder }) };
}
