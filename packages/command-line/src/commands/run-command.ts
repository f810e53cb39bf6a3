import type { RunOptionValues } from "@cti-connectors/core/host";
import { notifying } from "../notify/notifying.js";
import type { ExitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import { prepareDemo } from "../run/prepare-demo.js";
import { type AskedRun, prepareRun, type RunOptions, runOnce } from "../run/run-once.js";
import { runScheduled } from "../schedule/run-scheduled.js";
import { readSchedule, type ScheduleOptions } from "../schedule/schedule-options.js";
import { serveDemo } from "../serve/serve-demo.js";
import { selectConnectors } from "../settings/select-connectors.js";
import type { Surroundings } from "../settings/surroundings.js";

/**
 * One run of all connectors, or of those named; on a schedule, one after the other.
 *
 * @param asked options that connectors have
 * @throws UsageError where a name is unknown, or an option cannot be meant
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function runCommand(
  names: readonly string[],
  options: RunOptions & ScheduleOptions,
  asked: RunOptionValues,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const chosen = selectConnectors(surroundings.connectors, names);
  const schedule = readSchedule(options, new Date());
  const interruption = watchInterruption(() => undefined);
  const { signal } = interruption;
  const isScheduled = schedule !== undefined;
  const run: AskedRun = {
    ...{ chosen, options, asked },
    ...notifying(surroundings.command, { signal, isScheduled }),
  };
  try {
    if (schedule !== undefined) {
      return await runScheduled({
        ...{ asked: run, schedule, health: options },
        ...{ surroundings, terminal, signal },
      });
    }
    return options.demo
      ? await showDemo(run, surroundings, terminal, signal)
      : await runOnce(prepareRun(run, surroundings, terminal), signal);
  } finally {
    interruption.dispose();
  }
}

async function showDemo(
  { chosen, ...run }: AskedRun,
  surroundings: Surroundings,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const demo = await prepareDemo(chosen, surroundings);
  try {
    if (demo.ignored.length > 0) {
      terminal.say(`A demo does not use these settings: ${demo.ignored.join(", ")}.`);
    }
    for (const line of demo.leftOut) {
      terminal.say(line);
    }
    const { connectors, environment } = demo;
    const isSeen = process.stdout.isTTY === true && !environment.CI;
    const serves = isSeen && !run.options.json && !run.options.dryRun;
    const asked: AskedRun = {
      ...{ chosen: connectors, ...run },
      ...(serves && { whileOpen: ({ store }, prepared) => serveDemo(store, prepared, signal) }),
    };
    return await runOnce(prepareRun(asked, { ...surroundings, environment }, terminal), signal);
  } finally {
    await demo.close();
  }
}
