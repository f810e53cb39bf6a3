import { type ConnectorReport, createLogger, type HttpLimits, type Store } from "@cti-connectors/core/host";
import { breakOffAt, runInTest, type TestRunOptions } from "@cti-connectors/core/testing";
import { mitreTaxii } from "../mitre-taxii.js";

/** One run of the connector through core's pipeline, with as few retries as the test asks for. */
export async function runPipeline(
  store: Store,
  env: Readonly<Record<string, string>>,
  options: Partial<Omit<TestRunOptions, "connector" | "environment" | "store">> = {},
): Promise<ConnectorReport> {
  return (await runInTest({ connector: mitreTaxii, environment: env, store, ...options })).connector;
}

export interface LoadOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Default: all. */
  readonly steps?: readonly string[];
  /** Breaks off after this many stored pages, counted over all steps. */
  readonly stopAfterPages?: number;
  /** `crash`: the checkpoint of the last page is not saved. `interrupt`: it is. */
  readonly stop?: "crash" | "interrupt";
  readonly full?: boolean;
  readonly now?: () => Date;
  /** Default: no retries. */
  readonly http?: HttpLimits;
}

const isFull = process.env.ACCEPTANCE_FULL === "1";

/** A run is broken off after every page, alternately by a crash and by an interruption. ACCEPTANCE_FULL=1 tries both after each. */
export function pagesToStopAfter(pages: number, stop: "crash" | "interrupt"): readonly number[] {
  const every = Array.from({ length: Math.max(0, pages - 1) }, (_, index) => index + 1);
  return isFull ? every : every.filter((page) => (page % 2 === 0) === (stop === "crash"));
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
  const breakOff =
    stopAfterPages === undefined
      ? undefined
      : breakOffAt(stopAfterPages, stop === "crash" ? "before the checkpoint of" : "after");
  const log: string[] = [];
  const { connector: report, events } = await runInTest({
    ...breakOff,
    connector: mitreTaxii,
    environment: { MITRE_REQUEST_BUDGET: "off", ...env },
    store,
    alter(configured) {
      const steps = configured.steps.filter(({ name }) => options.steps?.includes(name) ?? true);
      const connector = { ...configured, steps };
      return breakOff?.alter(connector) ?? connector;
    },
    log: createLogger({ destination: { write: (line) => log.push(line) } }),
    graceMs: 60_000,
    full,
    now,
    acceptRemovals: true,
    ...(http && { http }),
  });
  if (report.status === "failed") {
    throw new Error(report.reason);
  }
  return {
    pages: events.filter(({ type }) => type === "page-loaded").length,
    stopped: report.status === "interrupted",
    written: writtenIn(report),
    rejected: await quarantinedIn(store),
    log,
  };
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
