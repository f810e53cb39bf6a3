export { type CommandLineOptions, runCommandLine } from "./run-command-line.js";
export { programConfig } from "./settings/program-config.js";
