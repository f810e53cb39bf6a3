import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { changeClasses } from "@cti-connectors/mitre-taxii";
import { type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { runHere } from "../testing/run-here.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

const counts = {
  added: z.number(),
  modified: z.number(),
  revoked: z.number(),
  deprecated: z.number(),
  withdrawn: z.number(),
  classes: z.record(z.enum(changeClasses), z.number()),
};
/** The JSON as `changes --help` has it: no field more, none less. */
const changesSchema = z.strictObject({
  from: z.string().nullable(),
  to: z.string().nullable(),
  since: z.iso.datetime().optional(),
  collections: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      releases: z.array(z.string()),
      tactics: z.array(z.string()).optional(),
      not_compared: z.string().optional(),
      same_version: z.number().optional(),
      not_stored: z.number().optional(),
      summary: z.strictObject(counts),
      types: z.array(z.strictObject({ type: z.string(), ...counts })),
      changes: z.array(
        z.strictObject({
          change: z.enum(["added", "modified", "withdrawn"]),
          class: z.enum(changeClasses).optional(),
          type: z.string(),
          id: z.string(),
          attack_id: z.string().optional(),
          name: z.string().optional(),
          version: z.string(),
          previous_version: z.string().optional(),
          attack_version: z.string().optional(),
          previous_attack_version: z.string().optional(),
          url: z.string().optional(),
          tactics: z.array(z.string()).optional(),
          revoked: z.literal(true).optional(),
          deprecated: z.literal(true).optional(),
          revoked_by: z
            .strictObject({
              id: z.string(),
              attack_id: z.string().optional(),
              name: z.string().optional(),
              url: z.string().optional(),
            })
            .optional(),
          fields: z
            .array(
              z.strictObject({
                name: z.string(),
                before: z.unknown().optional(),
                after: z.unknown().optional(),
              }),
            )
            .optional(),
        }),
      ),
    }),
  ),
});

/** Loads what a sandbox lists, as on the command line. */
async function load(folder: string, options: SandboxOptions): Promise<void> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
  const { exitCode, stderr } = await runHere(["run", "mitre-taxii", "--json"], { folder, env });
  expect(exitCode, stderr).toBe(0);
}

async function changes(folder: string, ...args: string[]) {
  return runHere(["changes", ...args], { folder });
}

async function changesJson(folder: string, ...args: string[]) {
  const { stdout, stderr, exitCode } = await changes(folder, ...args, "--json");
  expect(exitCode, stderr).toBe(0);
  return changesSchema.parse(JSON.parse(stdout));
}

const ics17 = realData("attack/ics-attack-17.1.json.gz");
const ics18 = realData("attack/ics-attack-18.1.json.gz");

describe("with the built-in data, of which each collection has one release", () => {
  test("says so, and what changed since a day", async () => {
    const folder = temporaryFolder();
    const empty = await changes(folder);
    expect(empty.exitCode, empty.stderr).toBe(1);
    expect(empty.stdout).toMatch(
      /^No ATT&CK data is stored in the .*\.\nLoad it first: cti run mitre-taxii$/,
    );

    await load(folder, {});
    const between = await changes(folder);
    expect(between.exitCode, between.stderr).toBe(0);
    expect(between.stdout.match(/: not compared, only release \d+\.\d is stored$/gm)).toHaveLength(3);
    expect(between.stdout).toContain("MITRE_RELEASES=");
    expect(between.stdout).toContain("--since");

    const since = await changes(folder, "--since", "2020-01-01");
    expect(since.exitCode, since.stderr).toBe(0);
    expect(since.stdout).toMatch(/Enterprise.*, since 2020-01-01T00:00:00\.000Z: \d+ added, 0 modified/);
    expect(since.stdout).toMatch(/^ {2}added {7}T1059\.001 +PowerShell$/m);
    const { collections } = await changesJson(folder, "--since", "2020-01-01");
    expect(collections).toHaveLength(3);
    for (const { summary, changes } of collections) {
      expect(summary.added).toBe(changes.length);
      expect(changes.length).toBeGreaterThan(10);
    }
    const later = await changesJson(folder, "--since", "2999-01-01T00:00:00+01:00");
    expect(later).toMatchObject({ since: "2998-12-31T23:00:00.000Z" });
    expect(later.collections.flatMap((collection) => collection.changes)).toEqual([]);

    const unknown = await changes(folder, "--from", "3.0");
    expect(unknown).toMatchObject({ exitCode: 2, stdout: "" });
    expect(unknown.stderr).toMatch(/^Error: Release 3\.0 is not stored; these are: \d+\.\d.*\.$/m);
  });
});

test("a time and a release together, two forms, a folder as the file, and what is no time are refused, exit status 2", async () => {
  const folder = temporaryFolder();
  const both = await changes(folder, "--since", "2026-11-01", "--to", "18.1");
  expect(both).toMatchObject({ exitCode: 2, stdout: "" });
  expect(both.stderr).toContain("give one or the other");
  const forms = await changes(folder, "--json", "--format", "html");
  expect(forms).toMatchObject({ exitCode: 2, stdout: "" });
  expect(forms.stderr).toContain("--json and --format html are two forms of one answer");
  const noFile = await changes(folder, "-o", "notes/");
  expect(noFile).toMatchObject({ exitCode: 2, stdout: "" });
  expect(noFile.stderr).toContain('-o "notes/" names no file: write one, such as -o notes/changes.md.');
  const noTime = await changes(folder, "--since", "last week");
  expect(noTime).toMatchObject({ exitCode: 2, stdout: "" });
  expect(noTime.stderr).toContain("It must be a date such as 2026-11-01");
});

test.skipIf(!hasRealData(ics17, ics18))(
  `with ${nameRealData("the real ICS 17.1 and then 18.1", ics17, ics18)}: exactly 413 added, 65 modified, 238 withdrawn`,
  { timeout: 300_000 },
  async () => {
    const folder = temporaryFolder();
    await load(folder, { attackFiles: [ics17] });
    const loaded = new Date().toISOString();
    await load(folder, { attackFiles: [ics18] });

    const summary = { added: 413, modified: 65, revoked: 0, deprecated: 17, withdrawn: 238 };
    const between = await changesJson(folder);
    expect(between).toMatchObject({ from: "17.1", to: "18.1" });
    expect(between.collections).toHaveLength(1);
    expect(between.collections[0]).toMatchObject({ name: "ICS ATT&CK", summary });
    expect(between.collections[0]?.changes).toHaveLength(413 + 65 + 238);
    expect(await changesJson(folder, "--from", "17.1", "--to", "18.1")).toEqual(between);

    const withRetired = await changesJson(folder, "--include-retired");
    expect(withRetired.collections[0]?.summary).toMatchObject({ modified: 77, classes: { retired: 12 } });

    const since = await changesJson(folder, "--since", loaded);
    expect(since.collections[0]?.changes).toEqual(between.collections[0]?.changes);

    const { stdout, exitCode } = await changes(folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "ICS ATT&CK, 17.1 → 18.1: 413 added, 65 modified (of which 17 deprecated), 238 withdrawn",
    );
    expect(stdout).toMatch(
      /^MITRE's classes: 413 new, 43 major, 2 minor, 1 other, 2 patched, 17 deprecated,\n238 deleted$/m,
    );
    expect(stdout).toMatch(/^ {2}deprecated {2}DS\d{4} {2}\S/m);
    expect(stdout).toMatch(/^ {2}withdrawn {3}… and 218 more$/m);
    const notes = await changes(folder, "--format", "markdown");
    expect(notes.exitCode, notes.stderr).toBe(0);
    expect(notes.stdout).toMatch(/^# ATT&CK changes, 17\.1 → 18\.1\n\n## ICS ATT&CK, 17\.1 → 18\.1\n/);
    expect(notes.stdout).toContain(
      "- [G0032 Lazarus Group](https://attack.mitre.org/groups/G0032), version 4.1 → 5.0\n  - description:\n",
    );
    const written = await changes(folder, "--format", "html", "-o", "notes.html");
    expect(written).toMatchObject({ exitCode: 0, stdout: "" });
    expect(written.stderr).toContain(`Wrote ${join(folder, "notes.html")}.`);
    const page = await readFile(join(folder, "notes.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>.*<h4>Deprecated \(17\)<\/h4>.*<\/html>\n/s);
    const all = await changes(folder, "--all");
    expect(all.stdout.match(/^ {2}withdrawn {3}/gm)).toHaveLength(238);
  },
);
