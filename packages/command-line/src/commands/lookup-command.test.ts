import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
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
});
