import { dirname, join, resolve } from "node:path";
import {
  ConfigError,
  type Connector,
  checkSettings,
  createRedactor,
  type Environment,
  type EnvironmentFile,
  loadEnvironment,
  type Redact,
  readSecretFiles,
  resolvePathSettings,
  secretValues,
} from "@cti-connectors/core/host";
import { programConfig, warnOfNotifyUrl } from "./program-config.js";
import type { ProgramFolders } from "./program-folders.js";
import { checkConnectorNames } from "./select-connectors.js";
import { warnOfSettings } from "./warn-of-settings.js";

/** What differs between programs with this command line. */
export interface Program {
  /** In the order in which they run. */
  readonly connectors: readonly Connector[];
  /** How people start the program. `--help` and messages spell its commands with it. */
  readonly command: string;
  /** How they start it where standard output must hold nothing but what the program writes. */
  readonly quietCommand: string;
  /** What is typed to start it where it is installed, and the name of its folders. Default: `command`. */
  readonly name?: string;
}

/** What every command finds around it. */
export interface Surroundings extends Program {
  /** The folder where the person typed the command: relative paths count from here. */
  readonly folder: string;
  /**
   * The environment of the process, and below it what `.env` files say. Settings that are paths are absolute, and secrets that were given as
   * files are there as if they had been given as such.
   */
  readonly environment: Environment;
  /** The `.env` of the program, for the person to write settings in. */
  readonly settingsFile: string;
  /** Where the embedded database lies. */
  readonly dataFolder: string;
  /** Values in the environment that must never be shown. */
  readonly secrets: readonly string[];
  /** Takes them out. */
  readonly redact: Redact;
  /** What is odd about the settings, one line each. */
  readonly warnings: readonly string[];
  /** Settings that could not be read, such as the path of a file that is not there: only `config` and `doctor` go on. */
  readonly faults: ConfigError["faults"];
  /** The environment of the process alone. */
  readonly processEnvironment: Environment;
  /** The `.env` files that were read. What an earlier one sets wins. */
  readonly files: readonly EnvironmentFile[];
  /** Reads `.env` files and files of secrets again. Throws as `findSurroundings`. */
  readAgain(): Promise<Surroundings>;
}

export interface Start {
  readonly processEnvironment: Environment;
  readonly currentFolder: string;
  readonly folders: ProgramFolders;
}

/**
 * Looks around. pnpm and npm go to the folder of a package before they run its script, and pass the one where the
 * person is in `INIT_CWD`.
 *
 * @throws Error that names a `.env` file that cannot be read
 * @throws ConfigError that names a path which means nothing on this machine, a file of a secret that cannot be used, or a setting that
 *   two connectors claim
 */
export async function findSurroundings(program: Program, start: Start): Promise<Surroundings> {
  const surroundings = await inspectSurroundings(program, start);
  if (surroundings.faults.length > 0) {
    throw new ConfigError(surroundings.faults);
  }
  return surroundings;
}

/**
 * The same, with the faults of single settings in place of a ConfigError about them.
 *
 * @throws Error that names a `.env` file that cannot be read
 * @throws UsageError that names a connector whose name is taken; ConfigError that names a setting that two connectors claim
 */
export async function inspectSurroundings(program: Program, start: Start): Promise<Surroundings> {
  const { processEnvironment, currentFolder, folders } = start;
  checkConnectorNames(program.connectors);
  checkSettings(program.connectors);
  const folder = resolve(currentFolder, processEnvironment.INIT_CWD || ".");
  const { environment, files } = await loadEnvironment({
    workingFolder: folder,
    configFolder: folders.config,
    processEnvironment,
  });
  const schemas = [programConfig, ...program.connectors.map(({ config }) => config)];
  const folderOf = (name: string) => {
    // A relative path in a file means the same wherever the command is typed.
    const file = name in processEnvironment ? undefined : files.find(({ values }) => name in values);
    return file === undefined ? folder : dirname(file.path);
  };
  const resolved = orFaults(() => resolvePathSettings(schemas, environment, folderOf));
  const secretFiles = orFaults(() => readSecretFiles(schemas, environment, folderOf));
  const paths = resolved.values;
  const settings = { ...environment, ...paths, ...secretFiles.values };
  const trimmed = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value?.trim()]));
  const secrets = schemas.flatMap((schema) => secretValues(schema, trimmed));
  return {
    ...program,
    folder,
    environment: settings,
    settingsFile: join(folders.config, ".env"),
    dataFolder: paths.DATA_DIR ?? folders.data,
    secrets,
    redact: createRedactor(secrets),
    warnings: [
      ...warnOfSettings(files, processEnvironment, program.connectors),
      ...warnOfNotifyUrl(environment),
    ],
    faults: [...resolved.faults, ...secretFiles.faults],
    processEnvironment,
    files,
    readAgain: () => findSurroundings(program, start),
  };
}

interface ReadValues {
  readonly values: Readonly<Record<string, string>>;
  readonly faults: ConfigError["faults"];
}

function orFaults(read: () => ReadValues["values"]): ReadValues {
  try {
    return { values: read(), faults: [] };
  } catch (error) {
    if (error instanceof ConfigError) {
      return { values: {}, faults: error.faults };
    }
    throw error;
  }
}
