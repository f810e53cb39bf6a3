#!/usr/bin/env node
// Runs the connector of the package in the current folder on TypeScript sources: see src/development/develop.ts.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { argv, execPath } from "node:process";
import { fileURLToPath } from "node:url";

const args = argv.slice(2);
// A published package has no sources of its own.
const source = fileURLToPath(new URL("../src/development/main.ts", import.meta.url));
const main = existsSync(source)
  ? source
  : fileURLToPath(new URL("../dist/development/main.js", import.meta.url));
const conditions = "--conditions=@cti-connectors/source";
const isWatching = args.includes("--watch") && !args.includes("--help") && !args.includes("-h");
const node = isWatching
  ? [
      ...[fileURLToPath(import.meta.resolve("tsx/cli")), "watch", "--clear-screen=false"],
      // tsx follows what was loaded. A source that could not be loaded at first may not be among that.
      ...["--include=src/**/*", "--include=package.json", conditions],
    ]
  : [conditions, `--import=${import.meta.resolve("tsx")}`];
const interrupted = 130;

let isInterrupted = false;
const child = spawn(execPath, [...node, main, ...args], { stdio: "inherit" });
// Ctrl-C reaches the child, too: this process waits for it to finish.
process.on("SIGINT", () => {
  isInterrupted = true;
});
for (const signal of ["SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("exit", (code, signal) => {
  const status = code ?? 128 + (constants.signals[signal ?? "SIGKILL"] ?? 0);
  // The watcher ends with the status of the last run where Ctrl-C comes at the very end of it.
  process.exit(isWatching && isInterrupted ? interrupted : status);
});
