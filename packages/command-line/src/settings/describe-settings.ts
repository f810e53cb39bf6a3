import { baseConfig, type Connector, describeConfig, type SettingDescription } from "@cti-connectors/core";
import { Help } from "commander";

const indent = "  ";
const nameWidth = 27;

/** The settings of everything, each once, for `--help`, in lines of up to 80 columns. */
export function describeSettings(connectors: readonly Connector[]): string {
  const groups = [
    { title: "all", settings: describeConfig(baseConfig) },
    ...connectors.map(({ name, config }) => ({ title: name, settings: describeConfig(config) })),
  ];
  const seen = new Set<string>();
  return groups
    .flatMap(({ title, settings }) => {
      const fresh = settings.filter(({ name }) => !seen.has(name));
      for (const { name } of fresh) {
        seen.add(name);
      }
      return fresh.length === 0 ? [] : [`${indent}${title}`, ...fresh.map(describe)];
    })
    .join("\n");
}

function describe({ name, description, default: value }: SettingDescription): string {
  const suffix = value === undefined || value === "" ? "" : ` (default: ${value})`;
  const help = new Help();
  help.helpWidth = 80 - indent.length;
  return help.formatItem(name, nameWidth, `${description ?? ""}${suffix}`, help).replaceAll(/^/gm, indent);
}
