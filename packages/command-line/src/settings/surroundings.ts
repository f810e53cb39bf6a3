import { join, resolve } from "node:path";
import {
  baseConfig,
  createRedactor,
  describeConfig,
  type Environment,
  loadEnvironment,
  type Redact,
  secretValues,
} from "@cti-connectors/core";
import { connectors } from "./connectors.js";
import { expandPath } from "./expand-path.js";
import { warnOfSettings } from "./warn-of-settings.js";

/** What every command finds around it. */
export interface Surroundings {
  /** The folder where the person typed the command: relative paths count from here. */
  readonly folder: string;
  /** The environment of the process, and below it what `.env` files say; settings that are paths are absolute. */
  readonly environment: Environment;
  /** The `.env` files that were read. */
  readonly environmentFiles: readonly string[];
  /** Where the embedded database lies. */
  readonly dataFolder: string;
  /** Values in the environment that must never be shown. */
  readonly secrets: readonly string[];
  /** Takes them out. */
  readonly redact: Redact;
  /** What is odd about the settings, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Looks around. pnpm and npm go to the folder of a package before they run its script, and pass the one where the
 * person is in `INIT_CWD`.
 *
 * @throws Error that names a `.env` file that cannot be read
 * @throws ConfigError that names a path which means nothing on this machine
 */
export async function findSurroundings(
  processEnvironment: Environment,
  currentFolder: string,
  workspaceRoot: string,
): Promise<Surroundings> {
  const folder = resolve(currentFolder, processEnvironment.INIT_CWD || ".");
  const { environment, files } = await loadEnvironment({
    workingFolder: folder,
    workspaceRoot,
    processEnvironment,
  });
  const paths = await absolutePaths(environment, processEnvironment, folder, workspaceRoot);
  const secrets = secretsOf(environment);
  return {
    folder,
    environment: { ...environment, ...paths },
    environmentFiles: files.map(({ path }) => path),
    dataFolder: paths.DATA_DIR ?? join(workspaceRoot, ".data", "mongo"),
    secrets,
    redact: createRedactor(secrets),
    warnings: warnOfSettings(files, processEnvironment, connectors),
  };
}

function secretsOf(environment: Environment): string[] {
  const values = Object.entries(environment).map(([name, value]) => [name, value?.trim()]);
  return [baseConfig, ...connectors.map(({ config }) => config)].flatMap((schema) =>
    secretValues(schema, Object.fromEntries(values)),
  );
}

/** Settings that name a file or folder. A relative one in the `.env` of the workspace means the same wherever the command is typed. */
async function absolutePaths(
  environment: Environment,
  processEnvironment: Environment,
  folder: string,
  workspaceRoot: string,
): Promise<Environment> {
  const typedHere = (await loadEnvironment({ workingFolder: folder, processEnvironment })).environment;
  const settings = [baseConfig, ...connectors.map(({ config }) => config)].flatMap(describeConfig);
  const given = settings.flatMap(({ name, path }) => {
    const value = path ? environment[name]?.trim() : undefined;
    return value === undefined || value === "" ? [] : [{ name, value }];
  });
  return Object.fromEntries(
    given.map(({ name, value }) => [
      name,
      resolve(typedHere[name] === undefined ? workspaceRoot : folder, expandPath(name, value)),
    ]),
  );
}
