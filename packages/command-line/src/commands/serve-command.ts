import type { ConfiguredConnector, Connector } from "@cti-connectors/core/host";
import { type ConfiguredDatabase, openConfiguredDatabase } from "../database/open-configured-store.js";
import { notifying } from "../notify/notifying.js";
import { type ExitStatus, UsageError } from "../process/exit-status.js";
import { isOfThisMachine } from "../process/serve-app.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import { runScheduled } from "../schedule/run-scheduled.js";
import { planSchedule, type Schedule, type ScheduleOptions } from "../schedule/schedule-options.js";
import { openServer, type ServerAddress } from "../serve/open-server.js";
import { readSettings } from "../settings/read-settings.js";
import { selectConnectors } from "../settings/select-connectors.js";
import type { Surroundings } from "../settings/surroundings.js";

export interface ServeOptions extends Omit<ScheduleOptions, "healthPort" | "healthHost"> {
  readonly port: number;
  readonly host: string;
}

const defaultIntervalMs = 3_600_000;

/**
 * Keeps the data of all connectors, or of those named, current, and serves it until it is stopped.
 *
 * @throws UsageError where a name is unknown, options do not fit, or the address cannot be served on
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function serveCommand(
  names: readonly string[],
  { port, host, ...options }: ServeOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const chosen = selectConnectors(surroundings.connectors, names);
  const schedule = planSchedule(
    options.cron === undefined ? { every: defaultIntervalMs, ...options } : options,
    new Date(),
  );
  const settings = readSettings(surroundings.connectors, surroundings.environment);
  const address = { host, port, token: settings.base.SERVE_TOKEN };
  checkAddress(address);
  const interruption = watchInterruption(() => undefined);
  try {
    const { signal } = interruption;
    const database = await openConfiguredDatabase(settings.base, surroundings, "serve");
    try {
      return await serveFrom(database, {
        ...{ chosen, schedule, address, signal, surroundings, terminal },
        connectors: settings.connectors,
        healthFile: options.healthFile,
      });
    } finally {
      await database.close();
    }
  } finally {
    interruption.dispose();
  }
}

function checkAddress({ host, token }: ServerAddress): void {
  if (token === undefined && !isOfThisMachine(host)) {
    throw new UsageError(
      `--host ${host} lets other machines in: set SERVE_TOKEN, which they must send then, or leave out --host.`,
    );
  }
}

interface Serving {
  /** Those that load. */
  readonly chosen: readonly Connector[];
  readonly schedule: Schedule;
  readonly address: ServerAddress;
  /** All whose data is served. */
  readonly connectors: readonly ConfiguredConnector[];
  readonly healthFile: string | undefined;
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
  readonly terminal: Terminal;
}

/** Requests have a connection of their own: a run closes its connection where the database does not answer. */
async function serveFrom(
  database: ConfiguredDatabase,
  { chosen, schedule, address, connectors, healthFile, signal, surroundings, terminal }: Serving,
): Promise<ExitStatus> {
  const { store, place, close } = await database.connect(signal);
  const isOpen = !isOfThisMachine(address.host);
  const to = isOpen ? "clients on any machine that send SERVE_TOKEN" : "this machine";
  try {
    return await runScheduled({
      asked: {
        ...{ chosen, options: {}, asked: {}, database },
        ...notifying(surroundings.command, { signal, isScheduled: true }),
      },
      health: { ...(healthFile !== undefined && { healthFile }) },
      ...{ schedule, surroundings, terminal, signal },
      async openServer({ tracker, view }) {
        const { createHealthApp } = await import("../health/create-health-app.js");
        const health = createHealthApp(tracker);
        const server = await openServer({ address, store, connectors, health, log: view.log });
        view.say(`Serving the ${place} at ${server.origin} to ${to}: page, API and TAXII.`);
        return server;
      },
    });
  } finally {
    await close();
  }
}
