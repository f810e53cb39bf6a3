import { type BaseConfig, useStore } from "@cti-connectors/core/host";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import type { Surroundings } from "../settings/surroundings.js";
import { type ConfiguredStore, openConfiguredStore } from "./open-configured-store.js";

export interface AnswerOptions {
  readonly settings: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">;
  readonly surroundings: Pick<Surroundings, "dataFolder" | "command">;
  readonly terminal: Terminal;
  /** How long what is under way may go on after an interruption. Default: not at all. */
  readonly graceMs?: number;
  /** Said at the first Ctrl-C. */
  readonly whenInterrupted?: string;
  /** Said where the command was stopped before its end. Default `Stopped.` */
  readonly whenStopped?: string;
}

/**
 * Opens the database for a command that is no run, and closes it. A database that does not answer ends the command with an error, and
 * Ctrl-C ends it in any case.
 *
 * @throws ConfigError, StoreConnectionError, DatabaseInUseError where the database cannot be used; StoreError where it fails
 */
export async function answerFromStore(
  { settings, surroundings, terminal, graceMs = 0, whenInterrupted, whenStopped = "Stopped." }: AnswerOptions,
  answer: (opened: ConfiguredStore, signal: AbortSignal) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { signal, dispose } = watchInterruption(() => {
    if (whenInterrupted !== undefined) {
      terminal.say(whenInterrupted);
    }
  });
  try {
    const opened = await openConfiguredStore(settings, surroundings, { signal });
    try {
      return await useStore(opened.store, { signal, graceMs, onWait: terminal.say }, () =>
        answer(opened, signal),
      );
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (signal.aborted) {
      terminal.say(whenStopped);
      return exitStatus.interrupted;
    }
    throw error;
  } finally {
    dispose();
  }
}
