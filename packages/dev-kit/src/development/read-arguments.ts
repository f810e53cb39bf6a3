import {
  baseConfig,
  type Connector,
  describeConfig,
  explainSetting,
  type RunOptionValues,
  type SettingDescription,
} from "@cti-connectors/core/host";
import { Command, Help, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { NothingToRunError } from "./find-connector.js";

/** The settings of every connector that count here: the database is always a temporary one. */
export const devBaseConfig = baseConfig.omit({ MONGO_URI: true, DB_NAME: true, DATA_DIR: true });

const devOptions = z.object({
  watch: z.boolean().default(false),
  live: z.boolean().default(false),
  runs: z.number().default(1),
  full: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  show: z.number().default(3),
  json: z.boolean().default(false),
  logLevel: z.string().optional(),
});

/** What a person asks of `connector-dev`. */
export interface DevArguments extends z.output<typeof devOptions> {
  /** Options of the connector itself. */
  readonly own: RunOptionValues;
}

/**
 * Reads the command line.
 *
 * @param connector the one that is to run
 * @throws NothingToRunError where the connector has an option that is one of dev's own
 * @throws CommanderError where it is wrong, which is written to standard error, and with the exit code 0 once help is written
 */
export function readArguments(args: readonly string[], connector: Connector): DevArguments {
  const program = createDevProgram(connector);
  program.parse(args[0] === "--" ? args.slice(1) : args, { from: "user" });
  const values = z.record(z.string(), z.unknown()).parse(program.opts());
  const known = Object.keys(connector.options ?? {});
  const own = program.options.flatMap((option) => {
    const name = option.long?.slice(2) ?? "";
    const value = values[option.attributeName()];
    return known.includes(name) && ownValue.safeParse(value).success ? [[name, value]] : [];
  });
  return { ...devOptions.parse(values), own: z.record(z.string(), ownValue).parse(Object.fromEntries(own)) };
}

const ownValue = z.union([z.literal(true), z.string(), z.array(z.string())]);

function createDevProgram(connector: Connector): Command {
  const program = new Command("dev")
    .usage("[options]")
    .description(
      `Runs ${connector.name} (${connector.summary}) alone, into a temporary database, and shows the documents of the last page.`,
    )
    .argument("[connector]", "which connector to run, if the package has several", (name) => {
      if (name !== connector.name) {
        throw new InvalidArgumentError(`This package has the connector ${connector.name}.`);
      }
      return name;
    })
    .option("--watch", "run again whenever a source file changes; stop with Ctrl-C")
    .option("--live", "use the settings without the demo: by default the real upstream")
    .option("--runs <number>", "run this many times on one database, to see an update (default: 1)", asCount)
    .option("--full", "forget checkpoints before each run")
    .option("--dry-run", "extract and transform, but write nothing")
    .option("--show <number>", "show at most this many documents of a collection (default: 3)", asNumber)
    .option("--json", "write only the report of each run, as JSON, to stdout")
    .addOption(
      new Option("--log-level <level>", "overrides LOG_LEVEL").choices(
        devBaseConfig.shape.LOG_LEVEL.unwrap().options,
      ),
    )
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError("(--help lists options and settings)")
    .exitOverride();
  for (const [name, { value, values = value, summary }] of Object.entries(connector.options ?? {})) {
    if (program.options.some(({ long }) => long === `--${name}`)) {
      throw new NothingToRunError(
        `${connector.name} has the option --${name}, which dev itself has: rename it in ${connector.name}.`,
      );
    }
    program.option(`--${name}${values === undefined ? "" : ` ${values}`}`, `${connector.name}: ${summary}`);
  }
  return program.addHelpText("after", `\n${afterHelp(connector)}`);
}

const settingWidth = 27;

function afterHelp({ name, demo, config }: Connector): string {
  const upstream =
    demo === undefined
      ? `${name} has no demo: pass --live.`
      : `By default it runs against its demo, on this machine and without network. To run it
against another upstream, set its address or pass --live.`;
  return `${upstream}
The database is temporary and deleted after the run. MONGO_URI is not used.

Settings (from the environment only, not from .env):
${[...describeConfig(config), ...describeConfig(devBaseConfig)].map(describeSetting).join("\n")}

Exit status: 0 ok or skipped, 1 failed, 2 invalid settings or usage,
130 interrupted.`;
}

function describeSetting(setting: SettingDescription): string {
  const help = new Help();
  help.helpWidth = 80;
  return help.formatItem(setting.name, settingWidth, explainSetting(setting), help);
}

function asNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number.");
  }
  return Number(text);
}

function asCount(text: string): number {
  const number = asNumber(text);
  if (number === 0) {
    throw new InvalidArgumentError("It must be a whole number from 1.");
  }
  return number;
}
