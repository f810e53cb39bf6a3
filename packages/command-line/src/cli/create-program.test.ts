import { defineConnector, type RunOption } from "@cti-connectors/core";
import type { Connector } from "@cti-connectors/core/host";
import { CommanderError } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { UsageError } from "../process/exit-status.js";
import { commandNames } from "../settings/select-connectors.js";
import { connectors } from "../testing/program.js";
import { createProgram } from "./create-program.js";

interface Parsed {
  readonly commands: readonly string[];
  readonly called: readonly unknown[];
  readonly output: string;
  /** Commander's exit code. */
  readonly status: number;
}

/** What a command line comes down to: the command with its arguments, or what was printed. */
const parse = (...args: string[]) => parseWith(connectors, ...args);

async function parseWith(connectors: readonly Connector[], ...args: string[]): Promise<Parsed> {
  const called: unknown[] = [];
  let output = "";
  let status = 0;
  const record =
    (command: string) =>
    async (...given: unknown[]) => {
      // The last one is Commander's command.
      called.push(command, ...given.slice(0, -1));
    };
  const recordRun = async (...given: unknown[]) => {
    called.push("run", ...given);
  };
  const program = createProgram(
    {
      run: recordRun,
      serve: record("serve"),
      status: record("status"),
      health: record("health"),
      rejected: record("rejected"),
      lookup: record("lookup"),
      changes: record("changes"),
      links: record("links"),
      layer: record("layer"),
      export: record("export"),
      notify: record("notify"),
      sandbox: record("sandbox"),
      mongo: record("mongo"),
      config: record("config"),
      doctor: record("doctor"),
      completion: async (script) => {
        called.push("completion", script);
      },
    },
    { connectors, command: "cti", quietCommand: "cti -q", version: "1.2.3", redact: (text) => text },
  );
  const write = (text: string) => {
    output += text;
  };
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: write, writeErr: write });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    status = error.exitCode;
  }
  return { commands: program.commands.map((command) => command.name()), called, output, status };
}

test.each([
  [[], [], {}],
  [["--demo"], [], { demo: true }],
  [["run"], [], {}],
  [["--json", "--full"], [], { json: true, full: true }],
  [["run", "--dry-run", "threatfox"], ["threatfox"], { dryRun: true }],
  [["--accept-removals"], [], { acceptRemovals: true }],
  [["nonsense"], ["nonsense"], {}],
])("%j is a run of %j with %j", async (args, names, options) => {
  expect((await parse(...args)).called).toEqual(["run", names, options, {}]);
});

test("options of a schedule are read as durations and ports", async () => {
  expect(
    (await parse("run", "threatfox", "--every", "1h30m", "--jitter", "0", "--health-port", "9464")).called,
  ).toEqual(["run", ["threatfox"], { every: 5_400_000, jitter: 0, healthPort: 9464 }, {}]);
  expect(
    (await parse("--cron", "15 * * * *", "--timezone", "UTC", "--now", "--jitter", "5m")).called,
  ).toEqual([...["run", [], { cron: "15 * * * *", timezone: "UTC", now: true, jitter: 300_000 }, {}]]);
  expect((await parse("health", "--file", "x", "--live")).called).toEqual([
    "health",
    { file: "x", live: true },
  ]);
});

test.each([
  ["--every", "hourly"],
  ["--jitter", "-1"],
  ["--health-port", "x"],
])("%s %s is wrong usage", async (...args) => {
  expect((await parse("run", ...args)).status).toBe(1);
});

type OptionTraits = { readonly summary: string } & (
  | { readonly value?: "<day>" | "[day]" }
  | { readonly values: "<file...>" }
);

/** A connector with these options. */
function withOptions(name: string, options: Readonly<Record<string, OptionTraits>>): Connector {
  return defineConnector({
    name,
    summary: `things of ${name}`,
    config: z.object({}),
    options: Object.fromEntries(
      Object.entries(options).map(([option, traits]): [string, RunOption<Record<string, never>>] => [
        option,
        { ...traits, apply: (config) => config },
      ]),
    ),
    steps: [],
  });
}

const acme = withOptions("acme", {
  "since-day": { value: "<day>", summary: "load what is newer than a day" },
  sample: { summary: "load three things" },
  files: { values: "<file...>", summary: "load files" },
});

test.each([
  [["run", "mitre-taxii", "threatfox", "--sample"], ["mitre-taxii", "threatfox"], { sample: true }],
  [["threatfox", "--backfill"], ["threatfox"], { backfill: true }],
  [["--backfill", "full.json"], [], { backfill: "full.json" }],
  [["acme", "--files", "a.json", "b.json"], ["acme"], { files: ["a.json", "b.json"] }],
  [
    ["acme", "--files", "a.json", "--sample", "--files", "b.json"],
    ["acme"],
    { files: ["a.json", "b.json"], sample: true },
  ],
  [["--since-day", "2026-11-01", "--sample"], [], { "since-day": "2026-11-01", sample: true }],
])("%j asks %j for %j", async (args, names, asked) => {
  const { called } = await parseWith([...connectors, acme], ...args);
  expect(called.slice(0, 2)).toEqual(["run", names]);
  expect(called[3]).toEqual(asked);
});

test("an option that several connectors have is one flag, whose text says what it does in each", async () => {
  for (const args of [["--help"], ["run", "--help"]]) {
    const { output } = await parseWith([...connectors, acme], ...args);
    expect(output).toMatch(
      /\nOptions of connectors:\n +--sample +mitre-taxii: load three objects per ATT&CK collection\n {10,}acme: load three things\n +--bundle <source...> +mitre-taxii: load ATT&CK from STIX bundles[\s\S]*\n +--backfill \[source\] +threatfox: load an export first: /,
    );
  }
});

test.each(["json", "full", "dry-run", "demo", "version"])(
  "a connector with an option named %s fails at start, by name",
  async (name) => {
    const taken = parseWith([withOptions("acme", { [name]: { summary: "a test" } })], "status");
    await expect(taken).rejects.toThrow(UsageError);
    await expect(taken).rejects.toThrow(`The connector acme has the option --${name}, which is a flag of`);
  },
);

test("two connectors that write one option differently fail at start, by name", async () => {
  const other = withOptions("other", { "since-day": { value: "[day]", summary: "a test" } });
  const parsed = parseWith([acme, other], "status");
  await expect(parsed).rejects.toThrow(UsageError);
  await expect(parsed).rejects.toThrow(
    "The connectors acme and other share an option, but one writes --since-day <day> and the other --since-day [day]",
  );
});

test("export takes a format and filters", async () => {
  const { called } = await parse(
    ...["export", "stix", "-o", "-", "--since", "2026-11-01", "--type", "domain", "url", "--type", "ip:port"],
    ...["--min-confidence", "75", "--malware", "win.remcos"],
  );
  expect(called).toEqual([
    "export",
    "stix",
    {
      output: "-",
      since: new Date("2026-11-01T00:00:00Z"),
      type: ["domain", "url", "ip:port"],
      minConfidence: 75,
      malware: ["win.remcos"],
    },
  ]);
});

test("sandbox takes several files after one flag, repeated flags, a quota and ports", async () => {
  const { called } = await parse(
    ...["sandbox", "--attack", "a.json", "b.json.gz", "--threatfox", "f.json", "--attack", "c.json"],
    ...["--quota", "10/600", "--standard", "--taxii-port", "0", "--threatfox-port", "8080"],
  );
  expect(called).toEqual([
    "sandbox",
    {
      attack: ["a.json", "b.json.gz", "c.json"],
      threatfox: "f.json",
      quota: { requests: 10, windowMs: 600_000 },
      standard: true,
      taxiiPort: 0,
      threatfoxPort: 8080,
    },
  ]);
  const quirks = [
    "--one-token",
    "--token-life",
    "30",
    "--dead-root",
    "/a/",
    "--dead-root",
    "/b/",
    "--login",
    "page",
  ];
  expect((await parse("sandbox", ...quirks)).called).toEqual([
    "sandbox",
    { oneToken: true, tokenLife: 30, deadRoot: ["/a/", "/b/"], login: "page" },
  ]);
  expect((await parse("sandbox", "--quota", "none")).called).toEqual(["sandbox", { quota: "none" }]);
});

test("mongo serves MongoDB's own port unless another port is given", async () => {
  expect((await parse("mongo")).called).toEqual(["mongo", { port: 27017 }]);
  expect((await parse("mongo", "--port", "0")).called).toEqual(["mongo", { port: 0 }]);
});

test("status takes --json, and how old data may be", async () => {
  expect((await parse("status", "--json")).called).toEqual(["status", { json: true }]);
  expect((await parse("status", "--max-age", "1h30m")).called).toEqual(["status", { maxAge: 5_400_000 }]);
});

test("changes takes releases or a time", async () => {
  expect((await parse("changes", "--from", "17.1", "--to", "18.1", "--json")).called).toEqual([
    "changes",
    { from: "17.1", to: "18.1", json: true },
  ]);
  const since = new Date("2026-11-01T00:00:00Z");
  expect((await parse("changes", "--since", "2026-11-01", "--all")).called).toEqual([
    "changes",
    { since, all: true },
  ]);
});

test("layer takes names, or a time, or how long ago it was", async () => {
  expect((await parse("layer", "G0016", "win.emotet", "--domain", "ics", "-o", "a.json")).called).toEqual([
    "layer",
    ["G0016", "win.emotet"],
    { domain: "ics", output: "a.json" },
  ]);
  const iocsSince = new Date("2026-11-01T00:00:00Z");
  expect((await parse("layer", "--iocs-since", "2026-11-01")).called).toEqual(["layer", [], { iocsSince }]);
  vi.useFakeTimers({ now: new Date("2026-12-01T00:00:00Z") });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  expect((await parse("layer", "--iocs-since", "30d")).called).toEqual(["layer", [], { iocsSince }]);
});

test("links takes names and a state", async () => {
  expect((await parse("links", "win.a", "Beta", "--state", "linked", "--json")).called).toEqual([
    "links",
    ["win.a", "Beta"],
    { state: "linked", json: true },
  ]);
  expect((await parse("links")).called).toEqual(["links", [], {}]);
});

test.each([
  [["--nonsense"], "Error: Unknown option --nonsense."],
  [["--jsn"], "Did you mean --json?"],
  [["status", "extra"], "Too many arguments for status: expected 0, got 1."],
  [["export", "csv", "x"], "Too many arguments for export: expected 1, got 2."],
  [["status", "--max-age", "soon"], "It must be a duration such as"],
  [["mongo", "--port", "70000"], "It must be a port, 0 to 65535."],
  [["mongo", "--port", "-1"], "It must be a port, 0 to 65535."],
  [["export"], "The argument <format> is missing."],
  [["export", "pdf"], 'Invalid value "pdf" for <format>. Use one of: stix, csv, ndjson, blocklist.'],
  [["export", "csv", "--min-confidence", "-1"], "It must be a whole number from 0 to 100."],
  [["sandbox", "--quota", "50"], "such as 50/600"],
  [["sandbox", "--attack"], "The option --attack <file...> needs a value."],
  [["--if-running", "x"], 'Invalid value "x" for --if-running <what>. Use one of: wait, skip, fail.'],
  [["sandbox", "--max-limit", "0"], "a whole number from 1"],
  [["sandbox", "--login", "form"], "page or redirect"],
  [["links", "--state", "maybe"], "Use one of: linked, ambiguous, unlinked."],
  [["layer", "--domain", "pre"], "Use one of: enterprise, mobile, ics."],
  [["layer", "--iocs-since", "lately"], "It must be"],
  [["layer", "--iocs-since", "2026-13-01"], "It must be a date such as 2026-11-01"],
  [["changes", "--since", "yesterday"], "It must be a date such as 2026-11-01"],
])("%j is refused with a hint", async (args, message) => {
  const { called, output, status } = await parse(...args);
  expect(called).toEqual([]);
  expect(output).toContain(message);
  expect(output).not.toMatch(/error:|'/);
  expect(output).toContain("--help");
  expect(status).not.toBe(0);
});

test("--help shows commands, options of run, connectors, examples, settings and exit status", async () => {
  const { output, status } = await parse("--help");
  for (const part of [
    ...["run", "status", "sandbox", "mongo", "--demo", "--sample", "--dry-run", "--full", "--json"],
    ...[
      "mitre-taxii    MITRE ATT&CK over TAXII 2.1",
      "Examples:",
      "cti --demo",
      "MONGO_URI",
      "130 interrupted",
    ],
    "cti run threatfox --backfill",
  ]) {
    expect(output.replaceAll(/\n +/g, " ")).toContain(part);
  }
  expect(status).toBe(0);
  expect((await parse("sandbox", "--help")).output).toContain("--threatfox-port");
});

test("--help says nothing of upstreams whose connectors the program does not have", async () => {
  const { output } = await parseWith([acme], "--help");
  expect(output).not.toMatch(/ATT&CK|mitre|threatfox|IOC|\bboth\b/i);
  expect(output).toContain("  # load three things\n  $ cti run acme --sample\n");
  expect((await parseWith([acme], "run", "--help")).output).not.toMatch(
    /ATT&CK|mitre|threatfox|IOC|\bboth\b/i,
  );
});

test("no line of the help of any command has more than 80 columns", async () => {
  const { commands } = await parse("--help");
  expect(commands.length).toBeGreaterThan(10);
  const tooLong: string[] = [];
  for (const args of [["--help"], ...commands.map((command) => [command, "--help"])]) {
    const { output } = await parseWith([...connectors, acme], ...args);
    const asInstalled = output.replaceAll(/\bcti /g, "cti-connectors ");
    tooLong.push(...asInstalled.split("\n").filter((line) => line.length > 80));
  }
  expect(tooLong).toEqual([]);
});

test("--version prints the version alone", async () => {
  expect(await parse("--version")).toMatchObject({ called: [], output: "1.2.3\n", status: 0 });
});

test.each([
  [["rejected"], [], {}],
  [["rejected", "threatfox", "--limit", "5", "--json"], ["threatfox"], { limit: 5, json: true }],
  [["rejected", "--retry"], [], { retry: true }],
])("%j lists or tries the rejected records %j with %j", async (args, names, options) => {
  const { called, status } = await parse(...args);
  expect(called.slice(0, 3)).toEqual(["rejected", names, options]);
  expect(status).toBe(0);
});

test.each(["0", "-1", "many", "1.5"])("rejected --limit %s is no limit", async (limit) => {
  expect((await parse("rejected", "--limit", limit)).status).not.toBe(0);
});

test("whoever mistypes a command reads the names of all of them", async () => {
  expect((await parse("status")).commands).toEqual(commandNames);
});

test("the help of every command has examples", async () => {
  const { commands } = await parse("--help");
  const without: string[] = [];
  for (const command of commands) {
    const { output } = await parse(command, "--help");
    if (!/^ +\$ cti/m.test(output)) {
      without.push(command);
    }
  }
  expect(commands.length).toBeGreaterThan(10);
  expect(without).toEqual([]);
});
