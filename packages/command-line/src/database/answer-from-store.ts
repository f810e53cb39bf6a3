import { type BaseConfig, useStore } from "@cti-connectors/core/host";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import type { Surroundings } from "../settings/surroundings.js";
import { type ConfiguredStore, openConfiguredStore } from "./open-configured-store.js";
import { openForReading } from "./open-for-reading.js";

export interface AnswerOptions {
  readonly settings: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">;
  readonly surroundings: Pick<Surroundings, "dataFolder" | "command">;
  readonly terminal: Terminal;
  /**
   * `read`: the answer only reads, and is asked for again where the process that served the embedded database has closed it meanwhile.
   * `read-once`: it cannot be repeated, since a part of it was given away. Default: the answer writes.
   */
  readonly access?: "read" | "read-once";
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
  options: AnswerOptions,
  answer: (opened: ConfiguredStore, signal: AbortSignal) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { terminal, whenInterrupted, whenStopped = "Stopped." } = options;
  const { signal, dispose } = watchInterruption(() => {
    if (whenInterrupted !== undefined) {
      terminal.say(whenInterrupted);
    }
  });
  try {
    for (;;) {
      const status = await answerOnce(options, answer, signal);
      if (status !== undefined) {
        return status;
      }
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

/** @returns undefined where the process that served the database has closed it before the answer was complete */
async function answerOnce(
  { settings, surroundings, terminal, access, graceMs = 0 }: AnswerOptions,
  answer: (opened: ConfiguredStore, signal: AbortSignal) => Promise<ExitStatus>,
  signal: AbortSignal,
): Promise<ExitStatus | undefined> {
  const opened =
    access === undefined
      ? await openConfiguredStore(settings, surroundings, { signal })
      : await openForReading(settings, surroundings, signal);
  try {
    return await useStore(opened.store, { signal, graceMs, onWait: terminal.say }, () =>
      answer(opened, signal),
    );
  } catch (error) {
    if (signal.aborted || !(await opened.isLost?.())) {
      throw error;
    }
    if (access === "read-once") {
      throw new Error(
        "Another process closed the embedded database before the answer was complete: run the command again.",
        { cause: error },
      );
    }
    return undefined;
  } finally {
    await opened.close();
  }
}
