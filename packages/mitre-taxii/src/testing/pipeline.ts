import {
  type ConnectorReport,
  configureConnector,
  createLogger,
  parseConfig,
  type RunConnectorsOptions,
  runConnectors,
  type Store,
} from "@cti-connectors/core";
import { mitreTaxii } from "../mitre-taxii.js";

/** One run of the connector through core's pipeline, with as few retries as the test asks for. */
export async function runPipeline(
  store: Store,
  env: Readonly<Record<string, string>>,
  options: Partial<RunConnectorsOptions> = {},
): Promise<ConnectorReport> {
  const report = await runConnectors({
    connectors: [configureConnector(mitreTaxii, parseConfig(mitreTaxii.config, env))],
    store,
    log: createLogger({ level: "silent" }),
    http: { retries: 0 },
    ...options,
  });
  const [connector] = report.connectors;
  if (connector === undefined) {
    throw new TypeError("expected the connector's report");
  }
  return connector;
}

/** Counts of one step. */
export function stepOf({ steps }: ConnectorReport, name: string) {
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined) {
    throw new TypeError(`the report has no step "${name}"`);
  }
  return step;
}

export function writtenIn({ steps }: ConnectorReport): number {
  return steps.reduce(
    (sum, { inserted, updated, superseded, withdrawn }) => sum + inserted + updated + superseded + withdrawn,
    0,
  );
}

/** Everything that was loaded, without what differs from run to run. */
export async function loadedInto({ database }: Store): Promise<Record<string, unknown[]>> {
  const loaded: Record<string, unknown[]> = {};
  for (const name of ["collections", "manifest", "objects", "versions"]) {
    loaded[name] = await database
      .collection(name)
      .find({}, { projection: { ingested_at: 0, first_ingested_at: 0, run_id: 0 } })
      .sort({ _id: 1 })
      .toArray();
  }
  return loaded;
}
