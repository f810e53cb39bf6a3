import { baseConfig, type Connector, describeConfig, type SettingDescription } from "@cti-connectors/core";

/** The settings of everything, each once, for `--help`. */
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
      return fresh.length === 0 ? [] : [`  ${title}`, ...fresh.map(describe)];
    })
    .join("\n");
}

function describe({ name, description, default: value }: SettingDescription): string {
  const suffix = value === undefined || value === "" ? "" : ` (default: ${value})`;
  return `    ${name.padEnd(27)} ${description ?? ""}${suffix}`;
}
