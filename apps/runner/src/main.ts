import { runCommandLine } from "@cti-connectors/command-line";
import { connectors } from "./connectors.js";

await runCommandLine({
  connectors,
  command: "pnpm --filter runner start",
  quietCommand: "pnpm -s --filter runner start",
  folder: import.meta.dirname,
});
