import type { Connector, Environment, Store } from "@cti-connectors/core";

/** Ends the name of a demo's database. */
const demoSuffix = "_demo";

export interface Demo {
  /** The settings with which the connectors reach the sandbox, and load into a database of its own. */
  readonly environment: Environment;
  /** Settings of the person that do not count in a demo. */
  readonly ignored: readonly string[];
  /** Stops the sandbox. */
  close(): Promise<void>;
}

/**
 * Starts both upstreams with their built-in data, and points the settings at them.
 *
 * @param database the demo's own is this name with `_demo` behind it
 */
export async function prepareDemo(
  connectors: readonly Connector[],
  environment: Environment,
  database: string,
): Promise<Demo> {
  const names = ["MONGO_URI", ...connectors.flatMap(({ config }) => Object.keys(config.shape))];
  const { startSandbox } = await import("@cti-connectors/sandbox");
  const sandbox = await startSandbox();
  return {
    environment: {
      ...environment,
      ...Object.fromEntries(names.map((name) => [name, undefined])),
      DB_NAME: `${database}${demoSuffix}`,
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
      THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
    },
    ignored: names.filter((name) => (environment[name]?.trim() ?? "") !== ""),
    close: () => sandbox.close(),
  };
}

/**
 * Empties the database of a demo: the sandbox dates its records anew each time it starts.
 *
 * @throws Error where it is not one
 */
export async function emptyDemoDatabase(store: Pick<Store, "kind" | "db" | "database">): Promise<void> {
  if (store.kind !== "embedded" || !store.db.endsWith(demoSuffix)) {
    throw new Error(`The database ${store.db} does not belong to a demo: it is not emptied.`);
  }
  await store.database.dropDatabase();
}
