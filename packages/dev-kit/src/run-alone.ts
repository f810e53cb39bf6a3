import type { StoreReader } from "@cti-connectors/core";
import {
  type Connector,
  configureConnector,
  createLogger,
  type Environment,
  openStore,
  parseConfig,
  type RunReport,
  runConnectors,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import type { z } from "zod";

export interface LoneRun<Schema extends z.ZodObject> {
  readonly connector: Connector<Schema>;
  /** Settings that lead the connector to the sandbox. */
  readonly environment: (sandbox: Sandbox) => Environment;
  /** Picks what is worth a look among what was loaded: each text is printed on its own line. */
  readonly show: (stored: StoreReader, config: z.output<Schema>) => AsyncIterable<string>;
}

const exitCodes = { ok: 0, partial: 1, failed: 1, interrupted: 130 } as const satisfies Record<
  RunReport["status"],
  number
>;

/**
 * Runs one connector for the person who develops it: from the sandbox into a database that is gone afterwards. Prints what
 * `show` picks and what the run came to, and sets the exit status: 0 all went well, 1 it failed, 130 interrupted.
 */
export async function runAlone<Schema extends z.ZodObject>({
  connector,
  environment,
  show,
}: LoneRun<Schema>): Promise<void> {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort());
  const opened: { close(): Promise<void> }[] = [];
  try {
    const sandbox = await startSandbox();
    opened.unshift(sandbox);
    const server = await startEmbeddedMongo();
    opened.unshift(server);
    const store = await openStore({ uri: server.uri, db: "connector_dev", kind: "embedded" });
    opened.unshift(store);

    const config = parseConfig(connector.config, environment(sandbox));
    const configured = configureConnector(connector, config);
    const report = await runConnectors({
      connectors: [configured],
      store,
      log: createLogger({ secrets: configured.secrets }),
      signal: interruption.signal,
    });
    for await (const line of show(store.reader, config)) {
      print(line);
    }
    printReport(report);
    process.exitCode = exitCodes[report.status];
  } finally {
    for (const resource of opened) {
      await resource.close();
    }
  }
}

function printReport({ connectors }: RunReport): void {
  for (const { name, status, reason, requests, steps } of connectors) {
    print(`${name}: ${status}${reason === undefined ? "" : `, ${reason}`}, requests: ${requests}`);
    for (const { name: step, inserted, updated, unchanged, rejected } of steps) {
      print(
        `  ${step}: ${inserted} inserted, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`,
      );
    }
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
