import type { Environment } from "@cti-connectors/core";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";

export interface Demo {
  /** The settings with which the connectors reach the sandbox, and load into a database of its own. */
  readonly environment: Environment;
  /** Settings of the person that do not count in a demo. */
  readonly ignored: readonly string[];
  readonly sandbox: Sandbox;
}

const overridden = ["MONGO_URI", "API_URL", "THREATFOX_API_KEY"];

/** Starts both upstreams with their built-in data, and points the settings at them. Whoever calls closes the sandbox. */
export async function prepareDemo(environment: Environment, database: string): Promise<Demo> {
  const isSet = (name: string) => (environment[name]?.trim() ?? "") !== "";
  const mitre = Object.keys(environment).filter((name) => name.startsWith("MITRE_"));
  const ignored = [...overridden, ...mitre].filter(isSet).sort();
  const sandbox = await startSandbox();
  const neutral = Object.fromEntries(ignored.map((name) => [name, undefined]));
  return {
    environment: {
      ...environment,
      ...neutral,
      DB_NAME: `${database}_demo`,
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
    },
    ignored,
    sandbox,
  };
}
