import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { programConfig } from "@cti-connectors/command-line";
import { type Connector, describeConfig, type SettingDescription } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { connectors } from "../../src/connectors.js";

const page = fileURLToPath(new URL("../../../../docs/configuration.md", import.meta.url));

test("docs/configuration.md lists every setting as its schema has it", async () => {
  const [head = ""] = readFileSync(page, "utf8").split(/(?<=<!-- settings: [^\n]* -->\n)/);
  const sections = [
    tableOf("The program", programConfig),
    ...connectors
      .filter(({ config }) => describeConfig(config).length > 0)
      .map(({ name, summary, config }) => tableOf(`${name}: ${summary}`, config)),
  ];
  await expect(`${head}\n${sections.join("\n\n")}\n`).toMatchFileSnapshot(page);
});

function tableOf(title: string, config: Connector["config"]): string {
  const rows = describeConfig(config).map((setting) => [
    setting.fileVariable === undefined
      ? `\`${setting.name}\``
      : `\`${setting.name}\` or \`${setting.fileVariable}\``,
    setting.default === undefined ? "" : `\`${setting.default}\``,
    meaningOf(setting),
  ]);
  return [
    `### ${title}`,
    "",
    "| setting | default | meaning |",
    "| --- | --- | --- |",
    ...rows.map(rowOf),
  ].join("\n");
}

function meaningOf({ description = "", required }: SettingDescription): string {
  return required ? `${description}. Required` : description;
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
