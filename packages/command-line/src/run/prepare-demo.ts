import type { StoreReader } from "@cti-connectors/core";
import {
  askDemo,
  baseConfig,
  type Connector,
  type DemoAnswer,
  type Environment,
  parseConfig,
  type RunReport,
  type Store,
} from "@cti-connectors/core/host";
import { UsageError } from "../process/exit-status.js";
import type { RunSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";

/** Ends the name of a demo's database. */
const demoSuffix = "_demo";

export interface PreparedDemo {
  /** Those whose upstream is there. */
  readonly connectors: readonly Connector[];
  /** The settings with which they reach their upstreams, and load into a database of its own. */
  readonly environment: Environment;
  /** Settings of the person that do not count in a demo. */
  readonly ignored: readonly string[];
  /** Which connectors are not shown, and why: a sentence each. */
  readonly leftOut: readonly string[];
  /** Stops the upstreams. */
  close(): Promise<void>;
}

/**
 * Starts the upstream of each connector's demo on this machine, and points its settings there; all others have their defaults.
 *
 * @throws UsageError where none of the connectors can be shown
 * @throws ConfigError where DB_NAME is wrong
 */
export async function prepareDemo(
  chosen: readonly Connector[],
  { connectors, environment }: Pick<Surroundings, "connectors" | "environment">,
): Promise<PreparedDemo> {
  const { DB_NAME } = parseConfig(baseConfig.pick({ DB_NAME: true }), environment);
  const names = ["MONGO_URI", ...connectors.flatMap(({ config }) => Object.keys(config.shape))];
  const shown: ShownConnector[] = [];
  const leftOut: string[] = [];
  const close = async () => {
    await Promise.all(shown.map((demo) => demo.close()));
  };
  try {
    for (const connector of chosen) {
      const started = await startUpstream(connector);
      if (typeof started === "string") {
        leftOut.push(`${connector.name} is skipped: ${started}.`);
      } else {
        shown.push(started);
      }
    }
    if (shown.length === 0) {
      throw new UsageError(`No connector can run without network. ${leftOut.join(" ")}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    connectors: shown.map(({ connector }) => connector),
    environment: {
      ...environment,
      ...Object.fromEntries(names.map((name) => [name, undefined])),
      DB_NAME: `${DB_NAME}${demoSuffix}`,
      ...Object.fromEntries(shown.flatMap(({ settings }) => Object.entries(settings))),
    },
    ignored: names.filter((name) => (environment[name]?.trim() ?? "") !== ""),
    leftOut,
    close,
  };
}

interface ShownConnector {
  readonly connector: Connector;
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @returns as a text, why the connector cannot be shown */
async function startUpstream(connector: Connector): Promise<ShownConnector | string> {
  const { demo } = connector;
  if (demo === undefined) {
    return "it has no demo";
  }
  const { startDemoUpstream, UnknownSimulatorError } = await import("@cti-connectors/sandbox");
  try {
    const upstream = await startDemoUpstream(demo);
    try {
      return { connector, settings: settingsFor(connector, demo, upstream), close: upstream.close };
    } catch (error) {
      await upstream.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof UnknownSimulatorError) {
      return error.message;
    }
    throw error;
  }
}

/** @throws Error where the demo sets what is no setting of the connector: it would go to the real upstream */
function settingsFor(
  { name, config }: Connector,
  demo: NonNullable<Connector["demo"]>,
  upstream: { readonly url: string; readonly key: string },
): Readonly<Record<string, string>> {
  const settings = demo.settings(upstream);
  const unknown = Object.keys(settings).filter((setting) => !Object.hasOwn(config.shape, setting));
  if (unknown.length > 0) {
    throw new Error(
      `The demo of the connector ${name} sets ${unknown.join(", ")}, but the connector has no such setting.`,
    );
  }
  return settings;
}

/**
 * Empties the database of a demo: the upstreams of a demo may date their records anew each time they start.
 *
 * @throws Error where it is not one
 */
export async function emptyDemoDatabase(store: Pick<Store, "kind" | "db" | "database">): Promise<void> {
  if (store.kind !== "embedded" || !store.db.endsWith(demoSuffix)) {
    throw new Error(`The database ${store.db} does not belong to a demo: it is not emptied.`);
  }
  await store.database.dropDatabase();
}

/** Asks the questions of the connectors whose run went well, in their order. */
export async function askLoaded(
  { connectors: reports }: RunReport,
  { connectors: configured }: RunSettings,
  { connectors }: Pick<Surroundings, "connectors">,
  reader: StoreReader,
): Promise<readonly DemoAnswer[]> {
  const answers: DemoAnswer[] = [];
  for (const connector of connectors) {
    const isLoaded = reports.some(({ name, status }) => name === connector.name && status === "ok");
    const ran = configured.find(({ name }) => name === connector.name);
    if (isLoaded && ran !== undefined) {
      answers.push(...(await askDemo(connector, ran, reader)));
    }
  }
  return answers;
}
