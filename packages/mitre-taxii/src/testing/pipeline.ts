import type { ExtractedPage, JsonValue } from "@cti-connectors/core";
import {
  type ConfiguredConnector,
  type ConnectorReport,
  configureConnector,
  createLogger,
  type HttpLimits,
  parseConfig,
  type RunConnectorsOptions,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
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

export interface LoadOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Default: all. */
  readonly steps?: readonly string[];
  /** Breaks off after so many stored pages, all steps counted. */
  readonly stopAfterPages?: number;
  /** `crash`: the checkpoint of the last page is not saved. `interrupt`: it is. */
  readonly stop?: "crash" | "interrupt";
  readonly full?: boolean;
  readonly now?: () => Date;
  /** Default: no retries. */
  readonly http?: HttpLimits;
}

export interface Load {
  readonly pages: number;
  readonly stopped: boolean;
  /** Documents that were new, changed or marked. */
  readonly written: number;
  /** Records that were quarantined, in no order. */
  readonly rejected: readonly unknown[];
  readonly log: readonly string[];
}

/**
 * Loads without a request budget, and can break off after any page. Removals are accepted, however many there are.
 *
 * @throws Error with the report's reason where the run fails
 */
export async function load(store: Store, options: LoadOptions): Promise<Load> {
  const { env, stopAfterPages, stop = "interrupt", full = false, now = () => new Date(), http } = options;
  const config = parseConfig(mitreTaxii.config, { MITRE_REQUEST_BUDGET: "off", ...env });
  const configured = configureConnector(mitreTaxii, config);
  const steps = configured.steps.filter(({ name }) => options.steps?.includes(name) ?? true);
  const connector = { ...configured, steps };
  const interruption = new AbortController();
  const log: string[] = [];
  let pages = 0;
  const report = await runPipeline(store, env, {
    connectors: [stop === "crash" ? withoutCheckpointOf(stopAfterPages, connector) : connector],
    log: createLogger({ destination: { write: (line) => log.push(line) } }),
    signal: interruption.signal,
    graceMs: 60_000,
    full,
    now,
    acceptRemovals: true,
    http: { retries: 0, ...http },
    onEvent({ type }) {
      pages += type === "page-loaded" ? 1 : 0;
      if (pages === stopAfterPages) {
        interruption.abort(new Error("interrupted"));
      }
    },
  });
  if (report.status === "failed") {
    throw new Error(report.reason);
  }
  return {
    pages,
    stopped: report.status === "interrupted",
    written: writtenIn(report),
    rejected: await quarantinedIn(store),
    log,
  };
}

/** As after a crash between the last write of this page and that of its checkpoint. */
function withoutCheckpointOf(page: number | undefined, connector: ConfiguredConnector): ConfiguredConnector {
  let pages = 0;
  const steps = connector.steps.map((step) => ({
    ...step,
    async *extract(context: Parameters<typeof step.extract>[0]) {
      for await (const extracted of step.extract(context)) {
        pages += 1;
        yield pages === page ? withoutCheckpoint(extracted) : extracted;
      }
    },
  }));
  return { ...connector, steps };
}

function withoutCheckpoint(page: ExtractedPage<JsonValue>): ExtractedPage<JsonValue> {
  if ("checkpointOnly" in page) {
    const { checkpointOnly: _, ...details } = page;
    return { ...details, records: [] };
  }
  const { checkpoint: _, ...rest } = page;
  return rest;
}

async function quarantinedIn({ database }: Store): Promise<readonly unknown[]> {
  const records = await database.collection("etl_rejected").find().toArray();
  return records.map(({ raw }) => JSON.parse(String(raw)));
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
