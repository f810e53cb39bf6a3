import type { ConfigError } from "@cti-connectors/core/host";
import type { ListedSetting } from "../settings/list-settings.js";

export interface ShownConfig {
  /** Those that are looked for, in the order in which they win. */
  readonly files: readonly { readonly path: string; readonly exists: boolean }[];
  readonly dataFolder: string;
  readonly settings: readonly ListedSetting[];
  readonly warnings: readonly string[];
  readonly faults: ConfigError["faults"];
}

/** Every setting with its value and where that is from, and what is wrong with them: for people. */
export function renderConfig(
  { files, dataFolder, settings, faults }: ShownConfig,
  { command, settingsFile }: { readonly command: string; readonly settingsFile: string },
): string {
  const owners = [...new Set(settings.map(({ connector }) => connector))];
  const width = Math.max(...settings.map(({ name }) => name.length));
  const isWritten = files.some(({ path, exists }) => path === settingsFile && exists);
  return [
    "Settings are read from these places. The first that has a setting wins:",
    "  the environment",
    ...files.map(({ path, exists }) => `  ${path}${exists ? "" : " (does not exist)"}`),
    ...(isWritten ? [] : [`To create ${settingsFile}: ${command} config --init`]),
    `Embedded database, unless MONGO_URI is set: ${dataFolder}`,
    ...owners.flatMap((owner) => [
      "",
      owner ?? "All connectors",
      ...settings
        .filter(({ connector }) => connector === owner)
        .map((setting) => `  ${setting.name.padEnd(width)}  ${renderValue(setting)}`),
    ]),
    ...(faults.length === 0 ? [] : ["", "These settings are invalid:"]),
    ...faults.map(({ variable, message }) => `  ${variable} ${message}`),
  ].join("\n");
}

function renderValue({ value, from, path, line, variable }: ListedSetting): string {
  if (from === "unset") {
    return "not set";
  }
  const place = from === "file" ? `${path}${line === undefined ? "" : `:${line}`}` : from;
  const through = variable === undefined ? "" : `, by ${variable}`;
  return `${value ?? ""}  (${place}${through})`;
}
