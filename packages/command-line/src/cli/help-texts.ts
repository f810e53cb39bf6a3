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
import { widthFor } from "../text/width.js";

/** Columns of a line of `--help`: not more than are easy to read, even if the terminal has more. */
export const helpWidth = Math.min(80, widthFor(process.stdout));

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
    [`${command} --demo`, "try it: no account, network or database needed"],
    [command, "run all connectors once"],
    ...options.flatMap(({ name, flags, owners: [owner] }) =>
      owner === undefined || flags.endsWith(">")
        ? []
        : [[`${command} run ${owner.connector} --${name}`, owner.summary.replace(/:.*/, "")] as const],
    ),
    [`${quietCommand} --json > report.json`, "write only the report, for programs"],
    [`${command} run --every 1h`, "keep the data current until stopped"],
    [`${command} status`, "show what is stored, how old it is and what failed"],
    [`${command} rejected`, "list records that could not be stored, and why"],
    ...(hasConnector(connectors, mitreTaxii)
      ? [[`${command} changes`, "show what the newest ATT&CK release changed"] as const]
      : []),
    ...(hasConnector(connectors, threatfox)
      ? [
          [
            `${command} export stix -o iocs.json`,
            "export IOCs for OpenCTI, MISP, a SIEM or a firewall",
          ] as const,
        ]
      : []),
    [`${command} notify`, "test the notifications to NOTIFY_URL"],
    [`${command} mongo`, "serve the embedded database to mongosh, Compass, …"],
  ] as const;
  return ["Examples:", ...lines.map(([line, does]) => `  # ${does}\n  $ ${line}`)].join("\n");
}

export const exitTexts = `Exit status: 0 all ok or skipped, 1 a connector failed (status: data is missing
or too old), 2 invalid settings or usage, 130 interrupted.`;

export const statusTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} status
  # in a cron job, fail if data is older than 26 hours
  $ ${command} status --max-age 26h
  $ ${quietCommand} status --json

JSON: {"store","connectors","collections","others","rejected",
  "health":{"maxAgeMs"?,"isHealthy","connectors":[{"name",
    "state":"fresh|stale|never|skipped","lastOkAt"?,"ageMs"?}]}}

Exit status: 0 all data is as current as promised, 1 a connector has no complete
load yet, its data is too old, or the database failed, 2 invalid settings or
usage, 130 interrupted. Connectors that are not set up do not count.`;

export const lookupTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} lookup 203.0.113.5
  $ ${command} lookup "hxxps://c2[.]example/a" T1059.001 "Cobalt Strike"
  # everything at and below a domain, or in a network
  $ ${command} lookup c2.example 203.0.113.0/24
  $ ${quietCommand} lookup --json S0154 > cobalt-strike.json
  The destinations of a proxy log, or the column of a CSV file:
  $ cut -d' ' -f7 access.log | ${quietCommand} lookup --batch - > known.ndjson
  $ ${quietCommand} lookup --batch dns.csv --column query --format csv

--batch answers each line in its place; empty lines and those with # are kept. A
domain means this very host there: with --subdomains what is below it, too.
IOCs are counted up to 1,000: if "total_is_exact" is false, there are more.

NDJSON: {"input","term","read_as","found",
  "iocs":{"total","total_is_exact","newest"?},"families",
  "attack":[{"id","attack_id","name","type"}],"vulnerability"?}

JSON: {"answers":[{"term","read_as","found",
  "iocs":{"total","total_is_exact","newest"},
  "families","attack","vulnerability"?,"suggestions"}],
  "searched":[{"connector","loaded_at"?,"part_loaded_at"?,
    "outdated"?:[{"collection","lacks"?}]}]}

Exit status: 0 something was found, 1 nothing was found or the database failed,
2 invalid settings or usage, 130 interrupted.`;

export const changesTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} changes
  $ ${command} changes --from 17.1 --to 18.1 --all
  $ ${command} changes --since 2026-11-01
  Release notes for a wiki:
  $ ${command} changes --format markdown -o attack-18.1.md
  $ ${command} changes --format html -o attack-18.1.html
  $ ${quietCommand} changes --json > changes.json

JSON: {"from","to","since"?,"collections":[{"id","name","from","to","releases",
  "not_compared"?,"same_version"?,"not_stored"?,
  "summary":{"added","modified","revoked","deprecated","withdrawn",
   "classes":{"additions","major_version_changes",…}},
  "types":[{"type",…the same counts}],
  "changes":[{"change":"added|modified|withdrawn","class"?,"type","id",
   "attack_id"?,"name"?,"url"?,"tactics"?,"version","previous_version"?,
   "attack_version"?,"previous_attack_version"?,"revoked"?,"deprecated"?,
   "revoked_by"?:{"id","attack_id"?,"name"?,"url"?},
   "fields"?:[{"name","before"?,"after"?}]}]}]}`;

export const linksTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} links
  $ ${command} links win.cobalt_strike "Smoke Loader" S0154
  # what a person should review
  $ ${command} links --state ambiguous
  $ ${quietCommand} links --json > links.json

JSON: {"families":[{"family":{"malware","name","aliases"},
  "state":"linked|ambiguous|unlinked",
  "links":[{"attack_id","stix_id","name","names","domains",
   "found_by":"name|alias|key|table","confidence","deprecated","successor_of"}],
  "rejected":[{"attack_id","stix_id","name","names","reason":"platforms|…"}]}]}

Exit status: 0 listed, 1 no family has the name, no links are stored, or the
database failed, 2 invalid settings or usage, 130 interrupted.`;

export const layerTexts = ({ command }: Spelling) => `
Examples:
  # what two groups and a malware family use, and where they overlap
  $ ${command} layer G0016 "Sandworm Team" win.emotet -o overlaps.json
  # a group with all its software
  $ ${command} layer APT29 --software -o apt29.json
  $ ${command} layer --from 17.1 --to 18.1 -o changes.json
  # what malware does that was seen in the last 30 days
  $ ${command} layer --iocs-since 30d -o recent.json

Open the file in the ATT&CK Navigator: Open Existing Layer, Upload from local.

Exit status: 0 written, 1 nothing to show or the database failed, 2 a name or
release is unknown, invalid settings or usage, 130 interrupted.`;

export const scheduleTexts = ({ command }: Spelling) => `
Examples of a schedule:
  # now, then every hour
  $ ${command} run --every 1h
  # at a quarter past each hour, in the time zone of TZ or of the machine
  $ ${command} run --cron "15 * * * *"
  # on weekdays at 6 in Berlin
  $ ${command} run --cron "0 6 * * 1-5" --timezone Europe/Berlin
  # with a health check and metrics for Prometheus
  $ ${command} run --every 1h --health-file health.json --health-port 9464
  $ ${command} health --file health.json

Runs never overlap: a run that is due while another is in progress is skipped. A
failed run does not end the schedule. Before each run, .env and secret files are
read again. Ctrl-C or SIGTERM ends it within 10 seconds, with exit status 0.`;

export const serveTexts = ({ command }: Spelling) => `
Examples:
  # http://127.0.0.1:8421, loading now and then every hour
  $ ${command} serve
  # for other machines; clients send SERVE_TOKEN
  $ SERVE_TOKEN_FILE=token.txt ${command} serve --host 0.0.0.0
  # load at night only
  $ ${command} serve --cron "0 3 * * *"

Addresses:
  /           the page
  /api/v1/    the API, described in /api/v1/openapi.json
  /taxii2/    TAXII 2.1 discovery: ATT&CK, each stored release, and ThreatFox
  /health     whether the data is fresh; /metrics for Prometheus

Without --every and --cron, connectors run every hour. Clients send SERVE_TOKEN
as a bearer token, or as the password of any user (HTTP Basic). Put TLS in front
of it if others reach it.

Exit status: 0 stopped, 1 the database failed, 2 invalid settings or usage.`;

export const healthTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} health --file /run/cti/health.json
  $ ${command} health --port 9464 --live

It sends SERVE_TOKEN, if that is set: serve asks for it.

Exit status: 0 healthy, 1 data is too old, nothing was loaded yet, or the
schedule does not answer, 2 invalid usage.`;

export const configTexts = ({ command, quietCommand }: Spelling) => `
Examples:
  $ ${command} config --init
  $ ${command} config
  $ ${quietCommand} config --json

JSON: {"files":[{"path","exists"}],"dataFolder","settings":[{"name",
  "connector"?,"value"?,"from":"environment|file|default|unset","path"?,"line"?,
  "variable"?}],"warnings","faults":[{"variable","message"}]}

Exit status: 0 all valid, 2 a setting is invalid, or --init found a .env file.`;

/** @param name what is typed where the program is installed */
export const completionTexts = (name: string) => `
Examples:
  # bash, in ~/.bashrc
  $ source <(${name} completion bash)
  # zsh, in ~/.zshrc
  $ source <(${name} completion zsh)
  # fish, in ~/.config/fish/config.fish
  $ ${name} completion fish | source
  # PowerShell, in $PROFILE
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
  # after an upgrade, store what is now valid
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

Each is sent once, and once more when it is over. NOTIFY_EVENTS selects events.
If a notification cannot be delivered, the next run tries again. Demos and dry
runs send nothing.

Exit status: 0 sent, 1 not accepted, 2 invalid settings or usage, 130
interrupted.`;

export const sandboxTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} sandbox
  # your own bundles, without a quota
  $ ${command} sandbox --attack ics-attack.json.gz --quota none`;

export const mongoTexts = ({ command }: Spelling) => `
Examples:
  $ ${command} mongo
  # on any free port
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

An IOC without a confidence never passes --min-confidence. --since compares with
the time at which an IOC or its last change was stored. Each export prints the
--since for the next one. A file is written completely or not at all.

--exclude works in every format. A domain includes its subdomains.
--pattern full    for MISP and stix-shifter:
    [network-traffic:dst_ref.value = '203.0.113.5'
     AND network-traffic:dst_port = 443]
--pattern simple  for programs without AND, such as Microsoft Sentinel:
    [ipv4-addr:value = '203.0.113.5']
--split 5000 -o iocs.json writes iocs-0001.json, iocs-0002.json and so on. Each
file can be imported alone.

Examples:
  # a bundle for OpenCTI or MISP, in one file or in several
  $ ${command} export stix -o iocs.json
  $ ${command} export stix --split 5000 -o iocs.json
  # what has changed since a date
  $ ${command} export stix --since 2026-11-01 -o new.json
  # lists for a firewall and for a DNS resolver
  $ ${command} export blocklist --type ip:port --min-confidence 75 -o ip.txt
  $ ${command} export blocklist --type domain --exclude own.txt -o dns.txt
  # one malware family, compressed
  $ ${quietCommand} export ndjson --malware win.cobalt_strike | gzip > iocs.gz

Exit status: 0 exported, even if nothing was selected, 1 no IOC is stored or the
database failed, 2 invalid settings or usage, 130 interrupted.`;

const indent = "  ";
const nameWidth = 27;

/** The settings of the program and of all connectors, for `--help`. */
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
  help.helpWidth = helpWidth - indent.length;
  return help.formatItem(setting.name, nameWidth, explainSetting(setting), help).replaceAll(/^/gm, indent);
}
