import {
  type ConnectorReport,
  configureConnector,
  createLogger,
  type Environment,
  parseConfig,
  type RunConnectorsOptions,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { cisaKev } from "../cisa-kev.js";

/** What a run tells, beside what it stores. */
export type KevRun = ConnectorReport & { readonly lines: readonly string[] };

/** Runs the connector into a store, without retries. */
export async function runKev(
  store: Store,
  environment: Environment,
  options: Partial<RunConnectorsOptions> = {},
): Promise<KevRun> {
  const lines: string[] = [];
  const { connectors } = await runConnectors({
    connectors: [configureConnector(cisaKev, parseConfig(cisaKev.config, environment))],
    store,
    log: createLogger({
      level: "debug",
      format: "json",
      destination: { write: (line) => lines.push(line) },
    }),
    http: { retries: 0 },
    ...options,
  });
  const [connector] = connectors;
  if (connector === undefined) {
    throw new Error("the report tells of no connector");
  }
  return { ...connector, lines };
}

/** Documents of a collection, in the order of their `_id`s. */
export function readDocuments({ database }: Store, collection = "kev") {
  return database
    .collection<{ _id: string } & Readonly<Record<string, unknown>>>(collection)
    .find()
    .sort({ _id: 1 })
    .toArray();
}
