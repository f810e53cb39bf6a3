import {
  type Connector,
  describeConfig,
  explainSetting,
  type SettingDescription,
} from "@cti-connectors/core/host";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import { Help } from "commander";
import type { ConnectorOption } from "../settings/connector-options.js";
import { programConfig } from "../settings/program-config.js";
import type { Program } from "../settings/surroundings.js";

/** How the program is spelt in examples. */
export type Spelling = Pick<Program, "command" | "quietCommand">;

/** Whether the program has the connector whose data a command reads. */
export function hasConnector(connectors: readonly Connector[], { name }: Pick<Connector, "name">): boolean {
  return connectors.some((connector) => connector.name === name);
}

/** @param options those that the connectors have */
export function examples(
  { command, quietCommand, connectors }: Program,
  options: readonly ConnectorOption[],
): string {
  const lines = [
    [`${command} --demo`, "try it: no account, no network, no database needed"],
    [command, "one run of all connectors"],
    ...options.flatMap(({ name, flags, owners: [owner] }) =>
      owner === undefined || flags.endsWith(">")
        ? []
        : [[`${command} run ${owner.connector} --${name}`, owner.summary.replace(/:.*/, "")] as const],
    ),
    [`${quietCommand} --json > report.json`, "the report alone, for programs"],
    [`${command} run --every 1h`, "keep the data current until it is stopped"],
    [`${command} status`, "what is stored, how old it is, what failed"],
    [`${command} rejected`, "records that could not be stored, and why"],
    ...(hasConnector(connectors, mitreTaxii)
      ? [[`${command} changes`, "what the newest release of ATT&CK changed"] as const]
      : []),
    ...(hasConnector(connectors, threatfox)
      ? [[`${command} export stix -o iocs.json`, "the IOCs for OpenCTI, MISP, a SIEM or a firewall"] as const]
      : []),
    [`${command} notify`, "test the notifications to NOTIFY_URL"],
    [`${command} mongo`, "serve the embedded database to mongosh, Compass, …"],
  ] as const;
  const width = Math.max(...lines.map(([line]) => line.length)) + 8;
  return ["Examples:", ...lines.map(([line, does]) => `  $ ${line.padEnd(width)}${does}`)].join("\n");
}

export const exitTexts = `Exit status: 0 all ok or skipped, 1 a connector failed (status: data is missing
or too old), 2 wrong settings or usage, 130 interrupted.`;

export const statusTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} status
  Fail if the data of a connector is older than a day and a bit, for cron:
  $ ${command} status --max-age 26h
  $ ${quietCommand} status --json

JSON: {"store","connectors","collections","others","rejected",
  "health":{"maxAgeMs"?,"isHealthy","connectors":[{"name",
    "state":"fresh|stale|never|skipped","lastOkAt"?,"ageMs"?}]}}

Exit status: 0 all data is as current as promised, 1 a connector has no complete
load yet, its data is too old, or the database failed, 2 wrong settings or
usage, 130 interrupted. Connectors that are not set up do not count.`;

export const changesTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} changes
  $ ${command} changes --from 17.1 --to 18.1 --all
  $ ${command} changes --since 2026-11-01
  $ ${quietCommand} changes --json > changes.json

JSON: {"from","to","since"?,"collections":[{"id","name","from","to","releases",
  "not_compared"?,"same_version"?,"not_stored"?,"summary":{"added","modified","revoked","deprecated","withdrawn",
   "classes":{"additions","major_version_changes",…}},
  "types":[{"type",…the same counts}],
  "changes":[{"change":"added|modified|withdrawn","class"?,"type","id","attack_id"?,"name"?,
   "url"?,"tactics"?,"version","previous_version"?,"attack_version"?,
   "previous_attack_version"?,"revoked"?,"deprecated"?,
   "revoked_by"?:{"id","attack_id"?,"name"?,"url"?},
   "fields"?:[{"name","before"?,"after"?}]}]}]}`;

export const scheduleTexts = ({ command, connectors }: Program) => `
Examples of a schedule:
  Now, and then once an hour:
  $ ${command} run --every 1h
  At a quarter past each hour, in the time zone of TZ or of the machine:
  $ ${command} run --cron "15 * * * *"
  Weekdays at 6 in Berlin, one connector, up to ten minutes later:
  $ ${command} run ${connectors[0]?.name ?? ""} --cron "0 6 * * 1-5" --timezone Europe/Berlin --jitter 10m
  With a health check and metrics for Prometheus:
  $ ${command} run --every 1h --health-file health.json --health-port 9464
  $ ${command} health --file health.json

Runs never overlap: those that are due while one goes on are skipped. A run that
fails does not end the schedule. .env and files of secrets are read again before
each run. Ctrl-C or SIGTERM ends it within 10 seconds, with exit status 0.`;

export const healthTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} health --file /run/cti/health.json
  $ ${command} health --port 9464 --live

Exit status: 0 healthy, 1 data is too old, nothing was loaded yet, or the schedule
does not answer, 2 wrong usage.`;

export const configTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} config --init
  $ ${command} config
  $ ${quietCommand} config --json

JSON: {"files":[{"path","exists"}],"dataFolder","settings":[{"name",
  "connector"?,"value"?,"from":"environment|file|default|unset","path"?,"line"?,
  "variable"?}],"warnings","faults":[{"variable","message"}]}

Exit status: 0 all valid, 2 a setting is invalid, or --init found a .env.`;

/** @param name what is typed where the program is installed */
export const completionTexts = (name: string) => `
Examples:
  bash, in ~/.bashrc:
  $ source <(${name} completion bash)
  zsh, in ~/.zshrc:
  $ source <(${name} completion zsh)
  fish, in ~/.config/fish/config.fish:
  $ ${name} completion fish | source
  PowerShell, in $PROFILE:
  $ ${name} completion powershell | Out-String | Invoke-Expression`;

export const doctorTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} doctor
  $ ${command} doctor --offline
  $ ${quietCommand} doctor --json

JSON: {"checks":[{"name","state":"ok|warning|failed|skipped","text"}]}

Exit status: 0 nothing failed, even if there are warnings, 1 something failed.`;

export const rejectedTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} rejected
  After an upgrade, store what is now valid:
  $ ${command} rejected --retry
  $ ${command} rejected threatfox --limit 100

JSON: {"total","records":[{"id","connector","step","reason","firstSeenAt",
  "lastSeenAt","times","excerpt","isWhole"}]}
JSON with --retry: {"connectors":[{"name","status":"ok|failed|interrupted",
  "reason"?,"loaded","outdated","rejected","notTried"}]}`;

export const notifyTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} notify

Events:
  failing   a connector failed NOTIFY_AFTER_FAILURES times in a row
  database  the database cannot be opened (on a schedule)
  stale     data is older than MAX_DATA_AGE
  gap       records may be missing, because the upstream no longer offers them
  missing   something that the upstream lists could not be loaded
  release   a new release of ATT&CK was loaded

Each is sent once, and again when it is over; NOTIFY_EVENTS selects some of them.
A notification that does not arrive is sent again after the next run. Demos and
dry runs send nothing.

Exit status: 0 sent, 1 not accepted, 2 wrong settings or usage, 130 interrupted.`;

export const sandboxTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} sandbox
  Your own bundles, without a quota, on a fixed port:
  $ ${command} sandbox --attack ics-attack.json.gz --quota none --taxii-port 5000`;

export const mongoTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} mongo
  On any free port:
  $ ${command} mongo --port 0`;

export const exportTexts = ({ command, quietCommand }: Spelling) => `
Formats:
  stix       a STIX 2.1 bundle: indicators, malware families and the
             relationships between them
  csv        RFC 4180, with a header
  ndjson     the documents as stored, one per line
  blocklist  one value per line, of the kind chosen with --type; without expired
             IOCs and without private and reserved addresses and names
             (10.0.0.0/8, 100.64.0.0/10, localhost, .local …)

An IOC without a confidence is below any --min-confidence. --since compares with
the time when the database got the IOC or its last change; each export prints
the --since of the next one. A file is written whole or not at all.

--exclude works in every format. A domain includes its subdomains.
--pattern full    MISP, stix-shifter:
    [network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 443]
--pattern simple  programs without AND in patterns, such as Microsoft Sentinel:
    [ipv4-addr:value = '203.0.113.5']
--split 5000 -o iocs.json writes iocs-0001.json, iocs-0002.json and so on. Each
file can be imported alone.

Examples:
  A bundle for OpenCTI or MISP, in one file or in several:
  $ ${command} export stix -o iocs.json
  $ ${command} export stix --split 5000 -o iocs.json
  What has changed since a day:
  $ ${command} export stix --since 2026-11-01 --min-confidence 75 -o changed.json
  Lists for a firewall and for a DNS resolver:
  $ ${command} export blocklist --type ip:port --min-confidence 75 -o block-ips.txt
  $ ${command} export blocklist --type domain --exclude own.txt -o block-domains.txt
  One malware family, compressed:
  $ ${quietCommand} export ndjson --malware win.cobalt_strike | gzip > iocs.ndjson.gz

Exit status: 0 exported, even if nothing was selected, 1 no IOC is stored or the
database failed, 2 wrong settings or usage, 130 interrupted.`;

const indent = "  ";
const nameWidth = 27;

/** The settings of everything, for `--help`, in lines of up to 80 columns. */
export function describeSettings(connectors: readonly Connector[]): string {
  return [{ name: "all", config: programConfig }, ...connectors]
    .map(({ name, config }) => ({ name, settings: describeConfig(config) }))
    .filter(({ settings }) => settings.length > 0)
    .flatMap(({ name, settings }) => [`${indent}${name}`, ...settings.map(describeSetting)])
    .join("\n");
}

/** The connectors and what each does, for `--help`. */
export function describeConnectors(connectors: readonly Connector[]): string {
  const width = Math.max(14, ...connectors.map(({ name }) => name.length));
  return connectors.map(({ name, summary }) => `${indent}${name.padEnd(width)} ${summary}`).join("\n");
}

/** What an option does in each connector that has it. */
export function describeOption({ owners }: ConnectorOption): string {
  return owners.map(({ connector, summary }) => `${connector}: ${summary}`).join("\n");
}

function describeSetting(setting: SettingDescription): string {
  const help = new Help();
  help.helpWidth = 80 - indent.length;
  return help.formatItem(setting.name, nameWidth, explainSetting(setting), help).replaceAll(/^/gm, indent);
}
