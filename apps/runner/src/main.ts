import { runCommandLine } from "@cti-connectors/command-line";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";

await runCommandLine({
  connectors: [mitreTaxii, threatfox],
  command: "pnpm --filter runner start",
  quietCommand: "pnpm -s --filter runner start",
  folder: import.meta.dirname,
});
