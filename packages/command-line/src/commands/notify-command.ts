import { createLogger, parseConfig } from "@cti-connectors/core/host";
import { describeTest } from "../notify/describe-news.js";
import { createSender } from "../notify/send-notification.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import { programConfig } from "../settings/program-config.js";
import type { Surroundings } from "../settings/surroundings.js";

/**
 * Sends a test notification, so that users see whether and how it arrives.
 *
 * @throws ConfigError where settings are wrong, UsageError where NOTIFY_URL is not set
 * @throws HttpStatusError, HttpConnectionError where it did not arrive
 */
export async function notifyCommand(surroundings: Surroundings, terminal: Terminal): Promise<ExitStatus> {
  const { environment, secrets, redact } = surroundings;
  const base = parseConfig(programConfig, environment);
  const { LOG_LEVEL: level, LOG_FORMAT: format } = base;
  const log = createLogger({ level: level === "debug" ? level : "silent", format, secrets });
  const { signal, dispose } = watchInterruption(() => undefined);
  try {
    const send = createSender({ settings: { base, connectors: [] }, log, redact }, { signal });
    if (send === undefined) {
      throw new UsageError("NOTIFY_URL is not set: set it to the address of a webhook.");
    }
    await send(describeTest(new Date()));
    terminal.say(`Sent a test notification to NOTIFY_URL as ${base.NOTIFY_FORMAT}.`);
    return exitStatus.ok;
  } catch (error) {
    if (signal.aborted) {
      terminal.say("Stopped.");
      return exitStatus.interrupted;
    }
    throw error;
  } finally {
    dispose();
  }
}
