import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { runHere } from "../testing/run-here.js";
import { startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

const entry = {
  ioc_value: "http://c2.example/a?token=abcdefgh12345678",
  ioc_type: "url",
  malware: "win.example",
  malware_printable: "Example\u001b[31m Loader",
  first_seen_utc: "2026-11-01 00:00:00",
  confidence_level: 75,
  reporter: "somebody",
  tags: "one,two",
};

test("lookup shows a card or JSON of what is stored, and says what it searched in vain", {
  timeout: 60_000,
}, async () => {
  const folder = temporaryFolder();
  const lookup = (...args: string[]) => startProcess(["lookup", ...args], { folder });

  const empty = await lookup("c2.example");
  expect(empty.exitCode, empty.stderr).toBe(1);
  expect(empty.stdout).toContain("Nothing found for c2.example (read as domain, name).");
  expect(empty.stdout).toContain("mitre-taxii (never loaded)");
  expect(empty.stdout).toContain("Load something first: ");

  const sandbox = await startSandbox({});
  onTestFinished(() => sandbox.close());
  await writeFile(join(folder, "iocs.json"), JSON.stringify({ 1: [entry] }));
  for (const args of [["mitre-taxii"], ["threatfox", "--backfill", "iocs.json"]]) {
    const run = await startProcess(["run", ...args], { folder, env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(run.exitCode, run.stderr).toBe(0);
  }

  const ioc = await lookup("hxxp://c2[.]example/a?token=abcdefgh12345678");
  expect(ioc.exitCode, ioc.stderr).toBe(0);
  expect(ioc.stdout).toContain(
    "  hxxp://c2[.]example/a?token=abcdefgh12345678\n    Example [31m Loader, url,",
  );
  expect(ioc.stdout).not.toContain("\u001b");
  for (const line of ioc.stdout.split("\n")) {
    expect(line.length, line).toBeLessThanOrEqual(80);
  }

  const both = await lookup("--json", "c2.example", "T1059", "nosuch.example");
  expect(both.exitCode, both.stderr).toBe(0);
  expect(JSON.parse(both.stdout)).toMatchObject({
    answers: [
      { term: "c2.example", found: true, iocs: { total: 1, newest: [{ value: entry.ioc_value }] } },
      { term: "T1059", found: true, attack: [{ object: { attack_id: "T1059" } }] },
      { term: "nosuch.example", found: false },
    ],
    searched: expect.arrayContaining([{ connector: "mitre-taxii", loaded_at: expect.any(String) }]),
  });

  const wrong = await lookup();
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("one or several terms, or --batch");
  const misfits = [
    ["--batch", "-", "c2.example"],
    ["--column", "1", "c2.example"],
    ["--batch", "-", "--json"],
    ["--batch", "nosuch.txt"],
  ];
  for (const { exitCode } of await Promise.all(misfits.map((args) => lookup(...args)))) {
    expect(exitCode).toBe(2);
  }

  // A batch of lines, in its order.
  const piped = startProcess(["lookup", "--batch", "-"], { folder, stdin: "pipe" });
  piped.stdin?.end("# hosts\nc2[.]example\n\nnosuch.example\nwww.c2.example\nt1059\n");
  const lines = await piped;
  expect(lines.exitCode, lines.stderr).toBe(0);
  expect(lines.stderr).toContain("Found 2 of 4 values.");
  expect(lines.stdout.split("\n").map((line) => JSON.parse(line))).toEqual([
    { input: "# hosts" },
    expect.objectContaining({
      input: "c2[.]example",
      term: "c2[.]example",
      found: true,
      iocs: {
        ...{ total: 1, total_is_exact: true },
        newest: expect.objectContaining({ value: entry.ioc_value, malware: "win.example" }),
      },
    }),
    { input: "" },
    expect.objectContaining({ input: "nosuch.example", found: false }),
    expect.objectContaining({ input: "www.c2.example", found: false }),
    expect.objectContaining({ input: "t1059", attack: [expect.objectContaining({ attack_id: "T1059" })] }),
  ]);

  // A column of CSV. What the input has stays as it is, and no cell of ours is a formula.
  await writeFile(join(folder, "dns.csv"), "=client,query\n10.0.0.1,c2.example\n-,nosuch.example\n");
  const table = await lookup("--batch", "dns.csv", "--column", "query", "--format", "csv");
  expect(table.exitCode, table.stderr).toBe(0);
  const [head, first, second] = table.stdout.split("\r\n");
  expect(head).toMatch(/^=client,query,found,read_as,iocs,iocs_exact,newest_ioc,malware,/u);
  expect(first).toContain(
    `10.0.0.1,c2.example,true,domain,1,true,${entry.ioc_value},win.example,75,2026-11-01T`,
  );
  expect(second).toMatch(/^-,nosuch\.example,false,domain;name,0,true,,/u);

  await writeFile(join(folder, "unknown.txt"), "nosuch.example\n");
  expect((await lookup("--batch", "unknown.txt")).exitCode).toBe(1);

  // Answers what has come, and is interrupted while it waits for more.
  const waiting = startProcess(["lookup", "--batch", "-"], { folder, stdin: "pipe" });
  waiting.stdin?.write("c2.example\nnosuch.example\n");
  await once(waiting.stdout ?? waiting, "data");
  waiting.kill("SIGINT");
  const interrupted = await waiting;
  expect(interrupted.exitCode).toBe(130);
  expect(interrupted.stdout.split("\n")).toEqual([
    expect.stringContaining(entry.ioc_value),
    expect.stringContaining("nosuch.example"),
  ]);
});

test.each(["", "   ", "[.]"])("lookup says what %j is not", async (term) => {
  const { exitCode, stderr } = await runHere(["lookup", "T1059", term], { folder: temporaryFolder() });
  expect(stderr).toContain(`${JSON.stringify(term)} is nothing to look up: give an IP address,`);
  expect(exitCode).toBe(2);
});
