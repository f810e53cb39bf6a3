export { type CommandLineOptions, runCommandLine } from "./run-command-line.js";
