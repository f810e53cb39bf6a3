import type { MongoClient } from "mongodb";

/** A command that the database has not answered. */
interface PendingCommand {
  /** `update objects`. */
  readonly what: string;
  /** For how many ticks. */
  readonly ticks: number;
}

interface StartedCommand {
  readonly requestId: number;
  readonly commandName: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/**
 * Tells with every tick which command has waited longest, as long as one waits. A tick is counted and not the clock: while this process is busy
 * or suspended it cannot see an answer either.
 *
 * @param client with `monitorCommands`
 * @returns what ends it
 */
export function watchCommands(
  client: MongoClient,
  tickMs: number,
  onTick: (oldest: PendingCommand) => void,
): () => void {
  const pending = new Map<number, { readonly what: string; ticks: number }>();
  const started = ({ requestId, commandName, command }: StartedCommand) => {
    pending.set(requestId, { what: describeCommand(commandName, command), ticks: 0 });
  };
  const ended = ({ requestId }: { readonly requestId: number }) => {
    pending.delete(requestId);
  };
  client.on("commandStarted", started).on("commandSucceeded", ended).on("commandFailed", ended);
  const timer = setInterval(() => {
    for (const command of pending.values()) {
      command.ticks += 1;
    }
    const [oldest] = [...pending.values()].sort((one, other) => other.ticks - one.ticks);
    if (oldest !== undefined) {
      onTick(oldest);
    }
  }, tickMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    client.off("commandStarted", started).off("commandSucceeded", ended).off("commandFailed", ended);
  };
}

function describeCommand(name: string, command: Readonly<Record<string, unknown>>): string {
  const subject = name === "getMore" ? command.collection : command[name];
  return typeof subject === "string" ? `${name} ${subject}` : name;
}
