import { resolve } from "node:path";
import { keepHealthFile } from "../health/health-file.js";
import type { RunTracker } from "../health/run-tracker.js";
import type { ListenAddress } from "../process/serve-app.js";
import type { RunView } from "../progress/run-view.js";
import type { Clock } from "./run-on-schedule.js";
import type { ScheduleOptions } from "./schedule-options.js";

/** Where the health of a schedule can be seen. */
export interface OpenHealth {
  /** Writes the health file. */
  update(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenHealthOptions {
  readonly tracker: RunTracker;
  readonly clock: Clock;
  /** Relative paths count from here. */
  readonly folder: string;
  readonly view: RunView;
}

/**
 * Writes the health file and serves the port, where they are asked for.
 *
 * @throws UsageError where the file or the port cannot be used
 */
export async function openHealth(
  {
    healthFile,
    healthPort,
    healthHost = "127.0.0.1",
  }: Pick<ScheduleOptions, "healthFile" | "healthPort" | "healthHost">,
  { tracker, clock, folder, view }: OpenHealthOptions,
): Promise<OpenHealth> {
  const server =
    healthPort === undefined
      ? undefined
      : await serve({ host: healthHost, port: healthPort }, tracker, clock);
  try {
    const file =
      healthFile === undefined
        ? undefined
        : await keepHealthFile(resolve(folder, healthFile), {
            read: () => tracker.read(clock.now()).report,
            onFailure: (error) => view.log.error({ err: error }, "the health file could not be written"),
          });
    if (server !== undefined) {
      view.say(`Health and metrics: ${server.origin}/health, ${server.origin}/metrics`);
    }
    return {
      update: async () => file?.update(),
      async close() {
        await Promise.all([server?.close(), file?.close()]);
      },
    };
  } catch (error) {
    await server?.close();
    throw error;
  }
}

/** The code of the server is loaded here: most runs need none. On a loopback address, only requests to an address or to `localhost` are answered. */
async function serve(address: ListenAddress, tracker: RunTracker, clock: Clock) {
  const { createHealthApp } = await import("../health/create-health-app.js");
  const { refuseOtherNames } = await import("@cti-connectors/server");
  const { isOfThisMachine, serveApp } = await import("../process/serve-app.js");
  const app = createHealthApp(tracker, {
    now: clock.now,
    before: isOfThisMachine(address.host) ? [refuseOtherNames] : [],
  });
  return serveApp(app, address, {
    subject: "Health",
    portFlag: "--health-port",
    hostFlag: "--health-host",
  });
}
