import { baseConfig, type Environment, parseConfig, type Store } from "@cti-connectors/core/host";
import type { Sandbox } from "@cti-connectors/sandbox";
import type { Surroundings } from "../settings/surroundings.js";

type SandboxAddresses = Pick<Sandbox, "taxiiUrl" | "threatfoxUrl" | "threatfoxExportUrl" | "authKey">;

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
 * @throws ConfigError where DB_NAME is wrong
 */
export async function prepareDemo({
  connectors,
  environment,
}: Pick<Surroundings, "connectors" | "environment">): Promise<Demo> {
  const { DB_NAME } = parseConfig(baseConfig.pick({ DB_NAME: true }), environment);
  const names = ["MONGO_URI", ...connectors.flatMap(({ config }) => Object.keys(config.shape))];
  const { startSandbox } = await import("@cti-connectors/sandbox");
  const sandbox = await startSandbox();
  return {
    environment: {
      ...environment,
      ...Object.fromEntries(names.map((name) => [name, undefined])),
      DB_NAME: `${DB_NAME}${demoSuffix}`,
      ...sandboxSettings(sandbox),
    },
    ignored: names.filter((name) => (environment[name]?.trim() ?? "") !== ""),
    close: () => sandbox.close(),
  };
}

/** The settings that lead connectors to a sandbox. */
export function sandboxSettings({ taxiiUrl, threatfoxUrl, threatfoxExportUrl, authKey }: SandboxAddresses) {
  return {
    MITRE_TAXII_URL: taxiiUrl,
    API_URL: threatfoxUrl,
    THREATFOX_API_KEY: authKey,
    THREATFOX_EXPORT_URL: threatfoxExportUrl,
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
