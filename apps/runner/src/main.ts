import { join } from "node:path";
import { argv, env } from "node:process";
import { runCommandLine } from "@cti-connectors/command-line";
import { connectors } from "./connectors.js";
import { findCommand } from "./find-command.js";

const started = {
  script: argv[1] ?? "",
  packageManager: env.npm_execpath ?? "",
  root: join(import.meta.dirname, "../../.."),
};

await runCommandLine({
  ...findCommand(started),
  connectors,
  name: "cti-connectors",
  folder: import.meta.dirname,
});
