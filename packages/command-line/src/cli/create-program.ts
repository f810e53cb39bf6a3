import type { Redact, RunOptionValues } from "@cti-connectors/core/host";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { patternStyles, threatfox } from "@cti-connectors/threatfox";
import { Argument, Command, Option } from "commander";
import { batchFormats } from "../batch/write-answers.js";
import { type ChangesOptions, notesFormats } from "../commands/changes-command.js";
import type { ConfigOptions } from "../commands/config-command.js";
import type { DoctorOptions } from "../commands/doctor-command.js";
import type { HealthCommandOptions } from "../commands/health-command.js";
import { domainChoices, type LayerOptions } from "../commands/layer-command.js";
import type { LinksOptions } from "../commands/links-command.js";
import type { LookupOptions } from "../commands/lookup-command.js";
import type { MongoOptions } from "../commands/mongo-command.js";
import type { RejectedOptions } from "../commands/rejected-command.js";
import type { SandboxCommandOptions } from "../commands/sandbox-command.js";
import type { ServeOptions } from "../commands/serve-command.js";
import type { StatusOptions } from "../commands/status-command.js";
import { type ExportFormat, type ExportOptions, exportFormats } from "../export/export-options.js";
import type { RunOptions } from "../run/run-once.js";
import type { ScheduleOptions } from "../schedule/schedule-options.js";
import { servedPort } from "../serve/open-server.js";
import { type ConnectorOption, findConnectorOptions } from "../settings/connector-options.js";
import type { Program } from "../settings/surroundings.js";
import { addScheduleOptions } from "./add-schedule-options.js";
import {
  append,
  asConfidence,
  asCount,
  asDuration,
  asLogin,
  asPort,
  asQuota,
  asSince,
  asSinceOrAge,
} from "./arguments.js";
import { type CompletionShell, completionShells, createCompletion } from "./create-completion.js";
import { explainUsage } from "./explain-usage.js";
import {
  changesTexts,
  completionTexts,
  configTexts,
  describeConnectors,
  describeOption,
  describeSettings,
  doctorTexts,
  examples,
  exitTexts,
  exportTexts,
  hasConnector,
  healthTexts,
  helpWidth,
  layerTexts,
  linksTexts,
  lookupTexts,
  mongoTexts,
  notifyTexts,
  rejectedTexts,
  sandboxTexts,
  scheduleTexts,
  serveTexts,
  statusTexts,
} from "./help-texts.js";

/** What each command does once its arguments are understood: called with them and with the command itself. */
export interface Commands {
  run(
    connectors: readonly string[],
    options: RunOptions & ScheduleOptions,
    asked: RunOptionValues,
  ): Promise<void>;
  serve(connectors: readonly string[], options: ServeOptions): Promise<void>;
  status(options: StatusOptions): Promise<void>;
  health(options: HealthCommandOptions): Promise<void>;
  rejected(connectors: readonly string[], options: RejectedOptions): Promise<void>;
  lookup(terms: readonly string[], options: LookupOptions): Promise<void>;
  changes(options: ChangesOptions): Promise<void>;
  links(names: readonly string[], options: LinksOptions): Promise<void>;
  layer(terms: readonly string[], options: LayerOptions): Promise<void>;
  export(format: ExportFormat, options: ExportOptions): Promise<void>;
  notify(): Promise<void>;
  sandbox(options: SandboxCommandOptions): Promise<void>;
  mongo(options: MongoOptions): Promise<void>;
  config(options: ConfigOptions): Promise<void>;
  doctor(options: DoctorOptions): Promise<void>;
  /** @param script for the shell */
  completion(script: string): Promise<void>;
}

export interface VersionedProgram extends Program {
  readonly version: string;
  /** Takes out secrets: arguments may hold some. */
  readonly redact: Redact;
}

/**
 * The command line.
 *
 * @throws UsageError that names a connector whose option the command line cannot have
 * @throws CommanderError from `parseAsync`, where arguments are wrong or after help or version were printed
 */
export function createProgram(commands: Commands, setup: VersionedProgram): Command {
  const program = new Command(setup.command);
  program
    .usage("[command] [options]")
    .description("Loads threat intelligence into MongoDB and keeps it current.")
    .version(setup.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help for the program or a command")
    .helpCommand(false)
    .showHelpAfterError("(--help lists commands, options and settings)")
    .configureHelp({ showGlobalOptions: false, helpWidth })
    .configureOutput({
      outputError: (text, write) => write(explainUsage(text)),
      writeErr: (text) => process.stderr.write(setup.redact(text)),
    })
    .exitOverride();

  const context = { program, commands, setup };
  const { run, asked } = addRunCommand(context);
  addServeCommand(context);
  addStatusCommand(context);
  addHealthCommand(context);
  addRejectedCommand(context);
  addLookupCommand(context);
  addChangesCommand(context);
  addLinksCommand(context);
  addLayerCommand(context);
  addExportCommand(context);
  addNotifyCommand(context);
  addSandboxCommand(context);
  addMongoCommand(context);
  addConfigCommand(context);
  addDoctorCommand(context);
  addCompletionCommand(context);

  const { connectors } = setup;
  const sections = [
    listOptions(run),
    `Connectors:\n${describeConnectors(connectors)}`,
    examples(setup, asked),
    `Settings (environment or .env; config shows where each comes from):\n${describeSettings(connectors)}`,
    exitTexts,
  ];
  program.addHelpText("after", `\n${sections.join("\n\n")}`);
  return program;
}

/** The options of `run`, as its own help has them, for that of the program. */
function listOptions(run: Command): string {
  const help = run.createHelp();
  const options = help.visibleOptions(run).filter(({ long }) => long !== "--help");
  const width = Math.max(...options.map(({ flags }) => flags.length));
  const groups = new Map<string, string[]>();
  for (const option of options) {
    const heading = option.helpGroupHeading ?? "Options of run:";
    const line = help.formatItem(option.flags, width, help.optionDescription(option), help);
    groups.set(heading, [...(groups.get(heading) ?? []), line]);
  }
  return [...groups].map(([heading, lines]) => [heading, ...lines].join("\n")).join("\n\n");
}

/** What each command is added to, and what it calls. */
interface CommandContext {
  readonly program: Command;
  readonly commands: Commands;
  readonly setup: VersionedProgram;
}

interface RunCommand {
  readonly run: Command;
  /** The options that it has from connectors. */
  readonly asked: readonly ConnectorOption[];
}

function addRunCommand({ program, commands, setup }: CommandContext): RunCommand {
  const { connectors } = setup;
  const run = program
    .command("run", { isDefault: true })
    .summary("run all connectors, or the named ones (default command)")
    .description("Runs all connectors, or the named ones. This is the default command.")
    .argument("[connector...]", "which connectors to run (default: all)")
    .option("--demo", "try the connectors without network, with a separate database")
    .option("--dry-run", "extract and transform, but write nothing; requests are not recorded in the budget")
    .option("--full", "forget checkpoints and load everything again")
    .addOption(
      new Option(
        "--if-running <what>",
        "while another run is loading: wait up to a minute, then skip (default); skip at once; or fail",
      ).choices(["wait", "skip", "fail"]),
    )
    .option(
      "--accept-removals",
      "mark everything that upstreams no longer list as withdrawn, even if MAX_REMOVED_SHARE is exceeded",
    )
    .option("--json", "write only the report, as JSON, to stdout")
    .addHelpText(
      "after",
      `${scheduleTexts(setup)}\n\nConnectors:\n${describeConnectors(connectors)}\n\n${exitTexts}`,
    );
  addScheduleOptions(run, { servesHealth: true });
  const taken = [program, run].flatMap((command) => command.createHelp().visibleOptions(command));
  const asked = findConnectorOptions(
    connectors,
    taken.flatMap(({ long }) => long ?? []),
  );
  const options = asked.map((option) => ({
    name: option.name,
    option: new Option(option.flags, describeOption(option)).helpGroup("Options of connectors:"),
  }));
  for (const { option } of options) {
    run.addOption(option);
  }
  run.action(
    (names: readonly string[], given: RunOptions & ScheduleOptions & Readonly<Record<string, unknown>>) =>
      commands.run(
        names,
        given,
        Object.fromEntries(
          options.flatMap(({ name, option }) => {
            const value = given[option.attributeName()];
            return isOptionValue(value) ? [[name, value] as const] : [];
          }),
        ),
      ),
  );
  return { run, asked };
}

function isOptionValue(value: unknown): value is RunOptionValues[string] {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isList || typeof value === "string" || value === true;
}

function addServeCommand({ program, commands, setup }: CommandContext): void {
  const serve = program
    .command("serve")
    .summary("keep the data current, and serve it as a page, an API and over TAXII")
    .description(
      "Runs all connectors, or the named ones, on a schedule, and serves what is stored until stopped (Ctrl-C, exit status 0): a page for people, an API for programs, and a TAXII 2.1 server without a quota.",
    )
    .argument("[connector...]", "which connectors to run (default: all)")
    .addOption(
      new Option("--port <port>", "port to listen on; 0: any free port")
        .argParser(asPort)
        .default(servedPort),
    )
    .addOption(
      new Option("--host <host>", "address to listen on; one that others reach needs SERVE_TOKEN").default(
        "127.0.0.1",
      ),
    )
    .addHelpText("after", serveTexts(setup))
    .action(commands.serve);
  addScheduleOptions(serve, { servesHealth: false });
}

function addStatusCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("status")
    .summary("show what is stored, its age, the last runs and the budget left")
    .description(
      "Shows what is stored, how old it is, how the last runs went, and how many requests are left. Works while a run has the database open. Fails if a connector that is set up has never loaded its data, or if its data is too old.",
    )
    .option(
      "--max-age <duration>",
      "how old the data of a connector may be: 90m, 26h, 2d (default: MAX_DATA_AGE; unset: any age)",
      asDuration,
    )
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", statusTexts(setup))
    .action(commands.status);
}

function addHealthCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("health")
    .summary("check that a schedule is running and its data is fresh")
    .description(
      "Checks that a schedule (run --every or --cron) is running and its data is fresh, for example as the health check of a container. Needs no shell and does not open the database.",
    )
    .option("--file <file>", "the --health-file of the schedule")
    .option("--port <port>", "its --health-port", asPort)
    .option("--host <host>", "its --health-host (default: 127.0.0.1)")
    .option("--live", "check only that the schedule is running, whatever the age of the data")
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", healthTexts(setup))
    .action(commands.health);
}

function addRejectedCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("rejected")
    .summary("list rejected records and why, or try them again")
    .description(
      "Lists quarantined records and why they were rejected, or tries them again, for example after an upgrade. A record that is now valid is stored and leaves the quarantine. Newer data is never overwritten.",
    )
    .argument("[connector...]", "connectors whose records to list (default: all)")
    .option("--retry", "try them again with this version, and store what is now valid")
    .option("--limit <number>", "list at most this many (default: 20; with --json, all)", asCount)
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", rejectedTexts(setup))
    .action(commands.rejected);
}

function addLookupCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("lookup")
    .summary("show what is stored about an indicator, an id or a name")
    .description(
      "Shows what a term is, who uses it, how they work and what to do about it: IOCs, malware families, software, techniques, groups, mitigations, detections and exploited vulnerabilities.",
    )
    .argument(
      "[term...]",
      "IP address, network, domain, URL, hash or e-mail address (defanged or not); ATT&CK, STIX or CVE id; Malpedia key; name of malware, a group, a technique, …",
    )
    .option("--all", "show lists in full")
    .option("--json", "write only JSON, with everything, to stdout")
    .option("--batch <file>", "look up many values, one a line, in a file or - (stdin): NDJSON to stdout")
    .option(
      "--column <column>",
      "the batch is CSV: values are in this column, by its name in the first row, or by number if there is no such row",
    )
    .addOption(
      new Option("--format <format>", "of the answers to a batch (default: ndjson)").choices(batchFormats),
    )
    .option("--subdomains", "batch: a domain means everything below it, too")
    .addHelpText("after", lookupTexts(setup))
    .action(commands.lookup);
}

function addChangesCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("changes", { hidden: !hasConnector(setup.connectors, mitreTaxii) })
    .summary("show what changed in ATT&CK between two releases, or since a date")
    .description(
      "Shows what was added, modified, revoked, deprecated and withdrawn, by type: in each collection between two stored releases (default: the two newest), or in the database since a date.",
    )
    .option("--from <release>", "older release, such as 17.1 (default: the stored one before --to)")
    .option("--to <release>", "newer release, such as 18.1 (default: the newest stored one)")
    .option(
      "--since <date>",
      "2026-11-01 (UTC) or an RFC 3339 time; also for servers without releases",
      asSince,
    )
    .option("--all", "show every change, not only the first 20 of each type and kind")
    .option("--include-retired", "include changes to objects that were revoked or deprecated before")
    .addOption(
      new Option("--format <format>", "write release notes, with what changed in each object").choices(
        notesFormats,
      ),
    )
    .option("--json", "write only JSON, with all changes, to stdout")
    .option("-o, --output <file>", "file to write; -: stdout (default)")
    .addHelpText("after", changesTexts(setup))
    .action(commands.changes);
}

function addLinksCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("links", { hidden: !hasConnector(setup.connectors, malwareLinks) })
    .summary("show which ATT&CK software the ThreatFox malware families are")
    .description(
      "Shows the stored links between ThreatFox malware families and ATT&CK software: which families are linked, which are ambiguous, and which are not linked, and why.",
    )
    .argument(
      "[name...]",
      "Malpedia keys, names or aliases of families, or ATT&CK ids of software (default: all)",
    )
    .addOption(
      new Option("--state <state>", "only families of this state").choices([
        "linked",
        "ambiguous",
        "unlinked",
      ]),
    )
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", linksTexts(setup))
    .action(commands.links);
}

function addLayerCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("layer", { hidden: !hasConnector(setup.connectors, mitreTaxii) })
    .summary("write a layer for the ATT&CK Navigator")
    .description(
      "Writes a layer for the ATT&CK Navigator: the techniques that groups, software, campaigns and malware families use, with a colour each and overlaps scored; what changed between two releases; or how many recent IOCs belong to malware that uses each technique.",
    )
    .argument(
      "[name...]",
      "groups, software, campaigns or malware families, by ATT&CK id, Malpedia key, name or alias",
    )
    .option("--software", "include what the software of the groups and campaigns uses")
    .option(
      "--from <release>",
      "show changes since this release, such as 17.1 (default: the one before --to)",
    )
    .option(
      "--to <release>",
      "show changes up to this release, such as 18.1 (default: the newest stored one)",
    )
    .option(
      "--iocs-since <time>",
      "score techniques by IOCs first seen since then: 30d, 2026-11-01 (UTC) or an RFC 3339 time",
      asSinceOrAge,
    )
    .addOption(
      new Option("--domain <domain>", "domain of ATT&CK (default: the first that fits)").choices(
        domainChoices,
      ),
    )
    .option("--release <release>", "stored release to show, such as 17.1 (default: the current one)")
    .option("-o, --output <file>", "file to write; -: stdout (default)")
    .addHelpText("after", layerTexts(setup))
    .action(commands.layer);
}

function addExportCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("export", { hidden: !hasConnector(setup.connectors, threatfox) })
    .summary("export IOCs as a STIX 2.1 bundle, CSV, NDJSON or a blocklist")
    .description("Writes the stored ThreatFox IOCs to a file or to stdout.")
    .addArgument(new Argument("<format>", "what to write").choices(exportFormats))
    .option("-o, --output <file>", "file to write; -: stdout (default)")
    .option("--since <date>", "only if new or changed since 2026-11-01 (UTC) or an RFC 3339 time", asSince)
    .option(
      "--type <type...>",
      "only of these ThreatFox types, such as ip:port, domain, url, sha256_hash",
      append,
    )
    .option("--min-confidence <number>", "only with at least this confidence, 0 to 100", asConfidence)
    .option(
      "--malware <key...>",
      "only of these malware families, by Malpedia key, such as win.cobalt_strike",
      append,
    )
    .option(
      "--exclude <file...>",
      "leave out the hosts in these files: IP addresses, networks and domains, one per line; # starts a comment",
      append,
    )
    .addOption(
      new Option("--pattern <style>", "stix: how to write the pattern of an ip:port (default: full)").choices(
        patternStyles,
      ),
    )
    .option("--split <number>", "stix: write numbered files of this many indicators each", asCount)
    .option("--include-expired", "blocklist: include expired IOCs")
    .addHelpText("after", exportTexts(setup))
    .action(commands.export);
}

function addNotifyCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("notify")
    .summary("send a test notification to NOTIFY_URL")
    .description(
      "Sends a test notification to NOTIFY_URL in the format that NOTIFY_FORMAT names. Use it to check that notifications of runs will arrive.",
    )
    .addHelpText("after", notifyTexts(setup))
    .action(() => commands.notify());
}

function addSandboxCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("sandbox")
    .summary("serve simulated upstreams, with quotas and quirks, on 127.0.0.1")
    .description(
      "Serves simulated upstreams for the connectors on 127.0.0.1 until stopped (Ctrl-C, exit status 0). When ready, prints one line of JSON with their URLs, the key and, in settings, the settings to load from them.",
    )
    .option("--attack <file...>", "STIX 2.1 bundles, .gz too (default: a small built-in data set)", append)
    .option(
      "--threatfox <file>",
      "a get_iocs answer, a list of its records, or an export: JSON, CSV, zipped (default: built-in)",
    )
    .option("--quota <requests/seconds>", "quota of the TAXII server, or none (default: 50/600)", asQuota)
    .option("--standard", "keep to the TAXII 2.1 standard instead of behaving like the public ATT&CK server")
    .option("--one-token", "send the same next on every page (with --standard)")
    .option("--token-life <seconds>", "refuse an older next with 400 (with --standard)", asCount)
    .option("--dead-root <path...>", "list this API root in discovery, but answer it with 404", append)
    .option("--max-url <characters>", "refuse longer paths and queries with 403 and HTML", asCount)
    .option("--max-limit <entries>", "refuse a larger limit with 400", asCount)
    .option("--without-manifest", "answer manifests with 404 and HTML")
    .option("--only-last-version", "refuse match[version] with 400 unless it is last")
    .option("--login <page|redirect>", "answer everything with a login page, or a redirect to one", asLogin)
    .option("--taxii-port <port>", "port of the TAXII server (default: any free port)", asPort)
    .option("--threatfox-port <port>", "port of the ThreatFox API (default: any free port)", asPort)
    .addHelpText("after", sandboxTexts(setup))
    .action(commands.sandbox);
}

function addMongoCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("mongo")
    .summary("serve the embedded database on 127.0.0.1")
    .description(
      "Serves the embedded database on 127.0.0.1 until stopped (Ctrl-C, exit status 0). Prints its URI when ready.",
    )
    .addOption(
      new Option("--port <port>", "port to listen on; 0: any free port").argParser(asPort).default(27017),
    )
    .addHelpText("after", mongoTexts(setup))
    .action(commands.mongo);
}

function addConfigCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("config")
    .summary("show every setting, its value and where it comes from")
    .description(
      "Shows every setting, its value and where it comes from: the environment, a line of a .env file, or the default. Secrets are hidden. Lists all invalid settings, too.",
    )
    .option(
      "--init",
      "write a .env file with every setting, which only you can read; an existing file is kept",
    )
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", configTexts(setup))
    .action(commands.config);
}

function addDoctorCommand({ program, commands, setup }: CommandContext): void {
  program
    .command("doctor")
    .summary("check settings, disk, database, upstreams, keys and clock")
    .description(
      "Checks what a run needs, one line each: Node, settings, data folder, disk, proxy, database, clock, and whether each upstream answers and takes the key. Sends one request to each upstream, which the request budget does not record.",
    )
    .option("--offline", "contact no upstream and no database server")
    .option("--json", "write only JSON to stdout")
    .addHelpText("after", doctorTexts(setup))
    .action(commands.doctor);
}

function addCompletionCommand({ program, commands, setup }: CommandContext): void {
  const { name = setup.command, connectors } = setup;
  program
    .command("completion")
    .summary("print a completion script for bash, zsh, fish or PowerShell")
    .description(
      "Prints a script with which your shell completes commands, connectors, options and their values.",
    )
    .addArgument(new Argument("<shell>", "your shell").choices(completionShells))
    .addHelpText("after", completionTexts(name))
    .action((shell: CompletionShell) =>
      commands.completion(
        createCompletion(program, shell, { name, connectors: connectors.map((connector) => connector.name) }),
      ),
    );
}
