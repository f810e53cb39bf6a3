import { join, sep } from "node:path";
import { runCommandLine } from "@cti-connectors/command-line";
import { connectors } from "./connectors.js";

// Whoever types `npm run demo` may have no pnpm but that of this workspace. `npx pnpm` finds it.
const { npm_execpath: packageManager = "" } = process.env;
const isLocal = packageManager.startsWith(join(import.meta.dirname, "../../../node_modules", sep));
const pnpm = isLocal || packageManager.includes(`${sep}_npx${sep}`) ? "npx pnpm" : "pnpm";

await runCommandLine({
  connectors,
  command: `${pnpm} --filter runner start`,
  quietCommand: `${pnpm} -s --filter runner start`,
  folder: import.meta.dirname,
});
