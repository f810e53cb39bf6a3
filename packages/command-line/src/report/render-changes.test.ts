import { type Change, type Changes, type CollectionChanges, countClasses } from "@cti-connectors/mitre-taxii";
import { expect, test } from "vitest";
import { plain } from "../text/paint.js";
import { renderChanges } from "./render-changes.js";

const options = { place: "embedded database", command: "cti", all: false, paint: plain, width: 80 };
const classes = countClasses([]);
const nothing = { added: 0, modified: 0, revoked: 0, deprecated: 0, withdrawn: 0, classes };
const ics: CollectionChanges = {
  id: "x-mitre-collection--ics",
  name: "ICS ATT&CK",
  from: "17.1",
  to: "18.1",
  releases: ["17.1", "18.1"],
  tactics: [],
  summary: nothing,
  types: [],
  changes: [],
};

function technique(change: Change["change"], attack_id: string, more: Partial<Change> = {}): Change {
  const id = `attack-pattern--${attack_id}`;
  return {
    change,
    type: "attack-pattern",
    id,
    attack_id,
    name: `Technique ${attack_id}`,
    version: "2",
    ...more,
  };
}

function render(collections: readonly CollectionChanges[], more: Partial<typeof options> = {}): string {
  const changes: Changes = { from: null, to: null, collections };
  return renderChanges(changes, { ...options, ...more });
}

test("an empty database says what to run first", () => {
  expect(render([]).split("\n")).toEqual([
    "No ATT&CK data is stored in the embedded database.",
    "Load it first: cti run mitre-taxii",
  ]);
});

test("shows how many objects of each type changed, and which", () => {
  const flagged = { added: 1, modified: 3, revoked: 1, deprecated: 1, withdrawn: 0, classes };
  const ofAll = {
    additions: 1,
    major_version_changes: 1_200,
    minor_version_changes: 2,
    other_version_changes: 3,
    patches: 4,
    revocations: 1,
    deprecations: 1,
  };
  const relationships = { ...nothing, withdrawn: 1 };
  const text = render([
    {
      ...ics,
      summary: { ...flagged, withdrawn: 1, classes: { ...classes, ...ofAll } },
      types: [
        { type: "attack-pattern", ...flagged },
        { type: "relationship", ...relationships },
      ],
      changes: [
        technique("added", "T0900"),
        technique("modified", "T0800", { deprecated: true }),
        technique("modified", "T0801.001"),
        technique("modified", "T0802", { revoked: true }),
        {
          change: "withdrawn",
          type: "relationship",
          id: "relationship--1",
          name: "A uses B (T0800)",
          version: "1",
        },
      ],
    },
  ]);
  expect(text.split("\n")).toEqual([
    "ICS ATT&CK, 17.1 → 18.1: 1 added, 3 modified (of which 1 revoked, 1 deprecated), 1 withdrawn",
    "MITRE's classes: 1 new, 1,200 major, 2 minor, 3 other, 4 patched, 1 revoked,",
    "1 deprecated",
    "",
    "type            added  modified  revoked  deprecated  withdrawn",
    "attack-pattern      1         3        1           1          0",
    "relationship        0         0        0           0          1",
    "all                 1         3        1           1          1",
    "",
    "attack-pattern",
    "  added       T0900      Technique T0900",
    "  modified    T0801.001  Technique T0801.001",
    "  revoked     T0802      Technique T0802",
    "  deprecated  T0800      Technique T0800",
    "",
    "relationship",
    "  withdrawn   A uses B (T0800)",
  ]);
});

test("shows the first 20 of each type and kind, and with --all every one", () => {
  const added = Array.from({ length: 25 }, (_, index) => technique("added", `T00${10 + index}`));
  const withdrawn = Array.from({ length: 20 }, (_, index) => technique("withdrawn", `T10${10 + index}`));
  const counts = { ...nothing, added: 25, withdrawn: 20 };
  const collection = {
    ...ics,
    summary: counts,
    types: [{ type: "attack-pattern", ...counts }],
    changes: [...added, ...withdrawn],
  };
  const bounded = render([collection]);
  expect(bounded.match(/^ {2}added {7}T/gm)).toHaveLength(20);
  expect(bounded).toContain("  added       … and 5 more");
  expect(bounded.match(/^ {2}withdrawn {3}T/gm)).toHaveLength(20);
  expect(bounded).toMatch(/\n\n--all shows all of them, and --json too\.$/);
  const whole = render([collection], { all: true });
  expect(whole.match(/^ {2}added {7}T/gm)).toHaveLength(25);
  expect(whole).not.toContain("more");
  expect(whole).not.toContain("--all");
});

test("an object without a name is shown by its id, and names cannot move the cursor", () => {
  const changes = [
    technique("added", "T1", { name: "one\u001b[2J\ntwo" }),
    { change: "added", type: "attack-pattern", id: "attack-pattern--bare", version: "1" } as const,
  ];
  const text = render([
    { ...ics, types: [{ type: "attack-pattern", ...nothing }], summary: { ...nothing, added: 2 }, changes },
  ]);
  expect(text).toContain("  added       T1  one [2J two");
  expect(text).toContain("  added           attack-pattern--bare");
});

test("says what was not compared, why, and what to do", () => {
  const mobile = {
    ...ics,
    name: "Mobile ATT&CK",
    from: null,
    to: null,
    releases: ["14.1"],
    tactics: [],
    not_compared: "only release 14.1 is stored",
  };
  expect(render([ics, mobile]).split("\n")).toEqual([
    "ICS ATT&CK, 17.1 → 18.1: nothing changed",
    "",
    "Mobile ATT&CK: not compared, only release 14.1 is stored",
    "",
    "To compare releases, load at least two of them:",
    "  MITRE_RELEASES=17.1,18.1 cti run mitre-taxii",
    "To see changes in the database since a date:",
    "  cti changes --since 2026-11-01",
  ]);
});

test("shows what changed since a time, and how to see what was stored anew under its version", () => {
  const since = "2026-11-02T00:00:00.000Z";
  const text = renderChanges(
    { from: null, to: null, since, collections: [{ ...ics, from: null, to: null, same_version: 70 }] },
    options,
  );
  expect(text.split("\n")).toEqual([
    `ICS ATT&CK, since ${since}: nothing changed`,
    `Stored anew under the version they had: 70 documents. db.objects.find({ "data.collection_id": "x-mitre-collection--ics", removed_at: null, ingested_at: { $gte: ISODate("${since}") }, first_ingested_at: { $lt: ISODate("${since}") } })`,
  ]);
});

test("changed objects that are not stored are counted, since less is known of them", () => {
  const summary = { ...nothing, modified: 1 };
  const types = [{ type: "attack-pattern", ...summary }];
  const changes = [technique("modified", "T0800")];
  const [heading, note] = render([{ ...ics, not_stored: 1, summary, types, changes }]).split("\n");
  expect(heading).toBe("ICS ATT&CK, 17.1 → 18.1: 0 added, 1 modified, 0 withdrawn");
  expect(note).toBe(
    "Not stored in the versions that are compared: 1 object. Names may be missing, and what was revoked or deprecated: load both releases whole.",
  );
});

test("two stored releases are not advised to whoever has them", () => {
  const reason = "no release after 18.1 is stored (stored: 17.1, 18.1)";
  expect(render([{ ...ics, from: null, to: null, not_compared: reason }])).toBe(
    `ICS ATT&CK: not compared, ${reason}`,
  );
});
