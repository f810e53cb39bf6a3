import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Change, changeClasses, readChanges } from "../../src/index.js";
import { runPipeline } from "../../src/testing/pipeline.js";

/** What MITRE's changelog tool compares, and its STIX types. It knows no tactics, matrices and relationships. */
const kinds = {
  techniques: ["attack-pattern"],
  software: ["malware", "tool"],
  groups: ["intrusion-set"],
  campaigns: ["campaign"],
  assets: ["x-mitre-asset"],
  mitigations: ["course-of-action"],
  datasources: ["x-mitre-data-source"],
  datacomponents: ["x-mitre-data-component"],
  detectionstrategies: ["x-mitre-detection-strategy"],
  analytics: ["x-mitre-analytic"],
};

const object = z.looseObject({
  id: z.string(),
  type: z.string(),
  modified: z.string().optional(),
  x_mitre_version: z.string().optional(),
  x_mitre_deprecated: z.boolean().optional(),
  x_mitre_contents: z.array(z.unknown()).optional(),
});
const bundle = z.object({ type: z.string(), id: z.string(), objects: z.array(object) });
type StixBundle = z.output<typeof bundle>;

const classes = z.record(z.string(), z.array(z.string()));
const judged = z.record(z.string(), classes);

const run = promisify(execFile);
const python = process.env.MITREATTACK_PYTHON || undefined;
const [ics17, ics18] = [
  realData("attack/ics-attack-17.1.json.gz"),
  realData("attack/ics-attack-18.1.json.gz"),
];
const lacks = python === undefined ? " (skipped: MITREATTACK_PYTHON is not set)" : "";

describe.skipIf(python === undefined || !hasRealData(ics17, ics18))(
  `the classes of ${nameRealData("the real ICS releases", ics17, ics18)}${lacks}`,
  () => {
    describeOnEmbedded("changes", (openDatabase) => {
      test("are those of MITRE's changelog tool: 17.1 → 18.1, and a made-up release of every class", {
        timeout: 120_000,
      }, async () => {
        const [older, newer] = await Promise.all([readBundle(ics17), readBundle(ics18)]);
        const folder = await mkdtemp(join(tmpdir(), "mitre-changelog-"));
        onTestFinished(() => rm(folder, { recursive: true, force: true }));
        const files = {
          "17.1": await writeBundle(folder, "17.1", older),
          "18.1": await writeBundle(folder, "18.1", newer),
          "19.0": await writeBundle(folder, "19.0", nextRelease(newer)),
        };
        const store = await openDatabase();
        const settings = { MITRE_BUNDLES: Object.values(files).join(","), MITRE_RELEASES: "all" };
        expect(await runPipeline(store, settings)).toMatchObject({ status: "ok", requests: 0 });

        const theirs = await Promise.all([judge(folder, "17.1", "18.1"), judge(folder, "18.1", "19.0")]);
        const ours = [await classify(store, "17.1", "18.1"), await classify(store, "18.1", "19.0")];
        expect(ours).toEqual(theirs.map(leaveOutUnchanged));
        const [real, made] = ours.map(countAll);
        expect(real).toMatchObject({
          additions: 169,
          major_version_changes: 43,
          patches: 2,
          deprecations: 17,
        });
        for (const name of changeClasses) {
          expect([name, made?.[name]]).toEqual([name, name === "retired" ? undefined : expect.any(Number)]);
        }
      });
    });
  },
);

async function readBundle(file: string): Promise<StixBundle> {
  return bundle.parse(JSON.parse(gunzipSync(await readFile(file)).toString("utf8")));
}

/** MITRE's tool looks for `ics-attack.json` in a folder. */
async function writeBundle(folder: string, release: string, content: StixBundle): Promise<string> {
  await mkdir(join(folder, release));
  const file = join(folder, release, "ics-attack.json");
  await writeFile(file, JSON.stringify(content));
  return file;
}

const nextAt = "2026-04-28T14:00:00.000Z";

/** The release after this one, in which techniques change in every way that there is. To load quickly, it has hardly anything else. */
function nextRelease({ objects, ...head }: StixBundle): StixBundle {
  const listed = objects.filter(
    ({ type, x_mitre_deprecated, revoked }) => type === "attack-pattern" && !x_mitre_deprecated && !revoked,
  );
  const [major, minor, other, lower, patched, revoked, deprecated, successor, deleted] = listed;
  const retired = objects.find(
    ({ type, x_mitre_deprecated }) => type === "attack-pattern" && x_mitre_deprecated,
  );
  const changed = new Map<string, object>();
  const change = (some: (typeof objects)[number] | undefined, more: object) =>
    some && changed.set(some.id, { ...some, modified: nextAt, ...more });
  const next = (version: string | undefined, step: [number, number]) => {
    const [first = 0, second = 0] = (version ?? "0.0").split(".").map(Number);
    return { x_mitre_version: `${first + step[0]}.${step[0] > 0 ? step[1] : second + step[1]}` };
  };
  change(major, next(major?.x_mitre_version, [1, 0]));
  change(minor, next(minor?.x_mitre_version, [0, 1]));
  change(other, next(other?.x_mitre_version, [1, 1]));
  change(lower, { x_mitre_version: "0.5" });
  change(patched, { description: "Patched." });
  change(revoked, { revoked: true });
  change(deprecated, { x_mitre_deprecated: true });
  change(retired, { description: "Deprecated before, too." });
  const added = { ...major, id: "attack-pattern--00000000-0000-4000-8000-000000000019", modified: nextAt };
  const revokedBy = {
    type: "relationship",
    id: "relationship--00000000-0000-4000-8000-000000000019",
    spec_version: "2.1",
    created: nextAt,
    modified: nextAt,
    relationship_type: "revoked-by",
    source_ref: revoked?.id,
    target_ref: successor?.id,
  };
  const keptTypes = new Set([
    "attack-pattern",
    "x-mitre-collection",
    "x-mitre-matrix",
    "x-mitre-tactic",
    "identity",
  ]);
  const kept = objects
    .filter(({ id, type }) => id !== deleted?.id && keptTypes.has(type))
    .map((each) => changed.get(each.id) ?? each);
  return bundle.parse({ ...head, objects: listContents([...kept, added, revokedBy]) });
}

/** Writes what the release contains into its `x-mitre-collection` object. */
function listContents(objects: readonly object[]): readonly object[] {
  const all = z.array(object).parse(objects);
  const contents = all
    .filter(({ type }) => type !== "x-mitre-collection" && type !== "marking-definition")
    .map(({ id, modified }) => ({ object_ref: id, object_modified: modified }));
  return all.map((each) =>
    each.type === "x-mitre-collection"
      ? { ...each, modified: nextAt, x_mitre_version: "19.0", x_mitre_contents: contents }
      : each,
  );
}

async function judge(folder: string, from: string, to: string) {
  const script = fileURLToPath(new URL("../../src/testing/diff-releases.py", import.meta.url));
  const folders = [join(folder, from), join(folder, to)];
  const { stdout } = await run(python ?? "", [script, "ics-attack", ...folders], { maxBuffer: 1e8 });
  return judged.parse(JSON.parse(stdout));
}

/** Our changes as MITRE's tool would tell them. */
async function classify(store: Store, from: string, to: string): Promise<z.output<typeof judged>> {
  const { collections } = await readChanges(store.reader, { from, to });
  const changes = collections.flatMap((collection) => collection.changes);
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, types]) => [
      kind,
      idsByClass(changes.filter(({ type }) => types.includes(type))),
    ]),
  );
}

function idsByClass(changes: readonly Change[]): z.output<typeof classes> {
  const named = changeClasses.map((name) => [
    name,
    changes
      .filter((change) => change.class === name)
      .map(({ id }) => id)
      .sort(),
  ]);
  const unclassed = changes.filter((change) => change.class === undefined).map(({ id }) => id);
  return withoutEmpty(Object.fromEntries([...named, ["unclassed", unclassed]]));
}

function leaveOutUnchanged(theirs: z.output<typeof judged>): z.output<typeof judged> {
  return Object.fromEntries(
    Object.entries(theirs).map(([kind, { unchanged: _unchanged, ...changed }]) => [
      kind,
      withoutEmpty(changed),
    ]),
  );
}

function withoutEmpty(ids: z.output<typeof classes>): z.output<typeof classes> {
  return Object.fromEntries(Object.entries(ids).filter(([, list]) => list.length > 0));
}

function countAll(ours: z.output<typeof judged>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [name, ids] of Object.values(ours).flatMap((each) => Object.entries(each))) {
    counts[name] = (counts[name] ?? 0) + ids.length;
  }
  return counts;
}
