import { ConfigError } from "@cti-connectors/core/host";
import { CommanderError } from "commander";
import { changesCommand } from "../commands/changes-command.js";
import { configCommand } from "../commands/config-command.js";
import { doctorCommand } from "../commands/doctor-command.js";
import { exportCommand } from "../commands/export-command.js";
import { healthCommand } from "../commands/health-command.js";
import { layerCommand } from "../commands/layer-command.js";
import { linksCommand } from "../commands/links-command.js";
import { lookupCommand } from "../commands/lookup-command.js";
import { mongoCommand } from "../commands/mongo-command.js";
import { notifyCommand } from "../commands/notify-command.js";
import { rejectedCommand } from "../commands/rejected-command.js";
import { runCommand } from "../commands/run-command.js";
import { sandboxCommand } from "../commands/sandbox-command.js";
import { serveCommand } from "../commands/serve-command.js";
import { statusCommand } from "../commands/status-command.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import { readProgramVersion } from "../process/program-version.js";
import type { Terminal } from "../process/terminal.js";
import type { Surroundings } from "../settings/surroundings.js";
import { createProgram } from "./create-program.js";

/** Commands for somebody whose settings are wrong. */
const worksWithFaults = ["config", "doctor", "completion"];

/**
 * Runs the command that the arguments ask for.
 *
 * @throws whatever the command throws; wrong arguments are reported on standard error, not thrown
 */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  const { connectors, command, quietCommand } = surroundings;
  const terminal: Terminal = {
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => process.stderr.write(`${surroundings.redact(text)}\n`),
  };
  let status: ExitStatus = exitStatus.ok;
  const finish = async (ended: Promise<ExitStatus>) => {
    status = await ended;
  };
  const program = createProgram(
    {
      run: (names, options, asked) => finish(runCommand(names, options, asked, surroundings, terminal)),
      serve: (names, options) => finish(serveCommand(names, options, surroundings, terminal)),
      status: (options) => finish(statusCommand(options, surroundings, terminal)),
      health: (options) => finish(healthCommand(options, surroundings, terminal)),
      rejected: (names, options) => finish(rejectedCommand(names, options, surroundings, terminal)),
      lookup: (terms, options) => finish(lookupCommand(terms, options, surroundings, terminal)),
      changes: (options) => finish(changesCommand(options, surroundings, terminal)),
      layer: (terms, options) => finish(layerCommand(terms, options, surroundings, terminal)),
      links: (names, options) => finish(linksCommand(names, options, surroundings, terminal)),
      export: (format, options) => finish(exportCommand(format, options, surroundings, terminal)),
      notify: () => finish(notifyCommand(surroundings, terminal)),
      sandbox: (options) => finish(sandboxCommand(options, surroundings, terminal)),
      mongo: (options) => finish(mongoCommand(options, surroundings, terminal)),
      config: (options) => finish(configCommand(options, surroundings, terminal)),
      doctor: (options) => finish(doctorCommand(options, surroundings, terminal)),
      completion: async (script) => terminal.print(script),
    },
    {
      command,
      quietCommand,
      version: readProgramVersion(),
      connectors,
      redact: surroundings.redact,
      ...(surroundings.name !== undefined && { name: surroundings.name }),
    },
  );
  program.hook("preAction", (_program, asked) => {
    if (surroundings.faults.length > 0 && !worksWithFaults.includes(asked.name())) {
      throw new ConfigError(surroundings.faults);
    }
    if (!/^(?:error|silent)$/.test(surroundings.environment.LOG_LEVEL?.trim() ?? "")) {
      for (const warning of surroundings.warnings) {
        terminal.say(`Warning: ${warning}`);
      }
    }
  });
  try {
    // `npm start -- …` is a habit; pnpm passes the dashes on.
    await program.parseAsync(args[0] === "--" ? args.slice(1) : args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
    }
    throw error;
  }
}
