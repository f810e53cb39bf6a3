import { hideUrlSecrets, isUrl } from "@cti-connectors/core";
import {
  type ConfigError,
  describeConfig,
  type EnvironmentFile,
  type SettingDescription,
} from "@cti-connectors/core/host";
import { programConfig } from "./program-config.js";
import type { Surroundings } from "./surroundings.js";

/** Where the value of a setting is from. */
export interface SettingOrigin {
  readonly from: "environment" | "file" | "default" | "unset";
  /** The `.env` file. */
  readonly path?: string;
  /** In that file, counted from 1. */
  readonly line?: number;
  /** The variable that named a file with the value, such as `THREATFOX_API_KEY_FILE`. */
  readonly variable?: string;
}

/** A setting as `config` shows it. */
export interface ListedSetting extends SettingOrigin {
  readonly name: string;
  /** The connector that has it; absent: the program. */
  readonly connector?: string;
  /** Without secrets. Absent: it is not set, and has no default. */
  readonly value?: string;
}

const hidden = "[hidden]";

/**
 * All settings of a program, with their values and where those are from.
 *
 * @param faults of these settings: what is not a valid connection string may hold a password anywhere, and is hidden whole
 */
export function listSettings(surroundings: Surroundings, faults: ConfigError["faults"]): ListedSetting[] {
  const isFaulty = (name: string) => faults.some(({ variable }) => variable.split(" ").includes(name));
  return [{ name: undefined, config: programConfig }, ...surroundings.connectors].flatMap(
    ({ name: connector, config }) =>
      describeConfig(config).map((setting) => ({
        name: setting.name,
        ...(connector !== undefined && { connector }),
        ...findValue(setting, surroundings, isFaulty(setting.name)),
        ...originOf(setting, surroundings),
      })),
  );
}

function findValue(
  { name, secret, fileVariable, default: byDefault }: SettingDescription,
  { environment, redact }: Surroundings,
  isFaulty: boolean,
): { readonly value?: string } {
  const given = environment[name]?.trim() || undefined;
  if (given === undefined) {
    return byDefault === undefined ? {} : { value: byDefault };
  }
  return {
    value:
      secret || (fileVariable !== undefined && isFaulty)
        ? hidden
        : redact(isUrl(given) ? hideUrlSecrets(given) : given),
  };
}

function originOf(
  { name, fileVariable, default: byDefault }: SettingDescription,
  { processEnvironment, files }: Surroundings,
): SettingOrigin {
  for (const variable of [name, fileVariable].filter((candidate) => candidate !== undefined)) {
    const origin = findVariable(variable, processEnvironment, files);
    if (origin !== undefined) {
      return variable === name ? origin : { ...origin, variable };
    }
  }
  return { from: byDefault === undefined ? "unset" : "default" };
}

/** An empty variable of the environment hides that of a file, and counts as not set. */
function findVariable(
  name: string,
  processEnvironment: Surroundings["processEnvironment"],
  files: readonly EnvironmentFile[],
): SettingOrigin | undefined {
  if (name in processEnvironment) {
    return processEnvironment[name]?.trim() ? { from: "environment" } : undefined;
  }
  const file = files.find(({ values }) => name in values);
  const line = file?.lines[name];
  return file === undefined || !file.values[name]?.trim()
    ? undefined
    : { from: "file", path: file.path, ...(line !== undefined && { line }) };
}
