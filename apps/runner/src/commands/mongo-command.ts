import { baseConfig, parseConfig } from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import type { ExitStatus } from "../exit-status.js";
import { hasErrorCode } from "../has-error-code.js";
import type { Surroundings } from "../surroundings.js";
import type { Terminal } from "../terminal.js";
import { serveUntilStopped } from "./serve-until-stopped.js";

export interface MongoOptions {
  readonly port: number;
}

/**
 * Serves the embedded database until it is stopped.
 *
 * @throws Error where the port is taken
 * @throws DatabaseInUseError where another process has the database open
 */
export async function mongoCommand(
  { port }: MongoOptions,
  { environment, dataFolder }: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { DB_NAME } = parseConfig(baseConfig.pick({ DB_NAME: true }), environment);
  return serveUntilStopped(
    () =>
      startEmbeddedMongo({ path: dataFolder, port }).catch((error: unknown) => {
        throw hasErrorCode(error, "EADDRINUSE") ? portTaken(port, error) : error;
      }),
    ({ uri }) => {
      terminal.print(uri);
      terminal.say(`Serving the embedded database in ${dataFolder}. Press Ctrl-C to stop.`);
      terminal.say(`Look at it: mongosh "${withDatabase(uri, DB_NAME)}"`);
    },
  );
}

function portTaken(port: number, cause: unknown): Error {
  return new Error(
    `Port ${port} of 127.0.0.1 is taken, maybe by a MongoDB: choose another one, such as --port ${port + 1}, or --port 0 for any free one.`,
    { cause },
  );
}

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}
