import {
  type Change,
  type ChangeClass,
  type CollectionChanges,
  countClasses,
} from "@cti-connectors/mitre-taxii";
import { expect, test } from "vitest";
import { composeReleaseNotes } from "./release-notes.js";

function changed(
  changeClass: ChangeClass,
  type: string,
  attack_id: string,
  more: Partial<Change> = {},
): Change {
  const change =
    changeClass === "additions" ? "added" : changeClass === "deletions" ? "withdrawn" : "modified";
  return { change, class: changeClass, type, id: `${type}--${attack_id}`, attack_id, version: "2", ...more };
}

function compose(changes: readonly Change[], more: Partial<CollectionChanges> = {}, all = false) {
  const classes = countClasses([]);
  const collection: CollectionChanges = {
    id: "x-mitre-collection--ics",
    name: "ICS ATT&CK",
    from: "17.1",
    to: "18.1",
    releases: ["17.1", "18.1"],
    tactics: ["privilege-escalation", "command-and-control", "impact"],
    summary: { added: 0, modified: 0, revoked: 0, deprecated: 0, withdrawn: 0, classes },
    types: [],
    changes,
    ...more,
  };
  return composeReleaseNotes({ from: "17.1", to: "18.1", collections: [collection] }, { all });
}

/** Types, classes and objects, without details. */
function outline(changes: readonly Change[], all = false) {
  return compose(changes, {}, all).collections.flatMap(({ types }) =>
    types.map(({ title, classes }) => [
      title,
      ...classes.map((each) => [
        `${each.title} ${each.count}`,
        ...each.groups.map(({ tactic, entries }) => [
          tactic ?? "",
          ...entries.map(
            ({ change, seeTactic }) => `${change.attack_id}${seeTactic ? ` see ${seeTactic}` : ""}`,
          ),
        ]),
      ]),
    ]),
  );
}

test("types come in the order of MITRE's changelogs, malware and tools are software, and the release is no object", () => {
  const types = ["x-other", "relationship", "tool", "course-of-action", "malware", "attack-pattern"];
  const changes = types.map((type, index) => changed("additions", type, `X${index}`));
  expect(outline([...changes, changed("other_version_changes", "x-mitre-collection", "C")], true)).toEqual([
    ["Techniques", ["New 1", ["", "X5"]]],
    ["Software", ["New 2", ["", "X2", "X4"]]],
    ["Mitigations", ["New 1", ["", "X3"]]],
    ["Relationships", ["New 1", ["", "X1"]]],
    ["x-other", ["New 1", ["", "X0"]]],
  ]);
});

test("techniques are grouped by class and tactic, in the order of the matrix; one with several tactics is described once and pointed to", () => {
  const tactics = (...names: string[]) => ({ tactics: names });
  expect(
    outline([
      changed("patches", "attack-pattern", "T2", {
        ...tactics("impact", "collection"),
        fields: [{ name: "name", before: "a", after: "b" }],
      }),
      changed("additions", "attack-pattern", "T3", tactics("privilege-escalation", "command-and-control")),
      changed("additions", "attack-pattern", "T1", tactics("command-and-control")),
    ]),
  ).toEqual([
    [
      "Techniques",
      ["New 2", ["Privilege Escalation", "T3"], ["Command and Control", "T1", "T3"]],
      ["Patches 1", ["Impact", "T2"], ["Collection", "T2 see Impact"]],
    ],
  ]);
});

test("relationships are counted, and listed only if all are asked for", () => {
  const changes = [changed("additions", "relationship", "R1"), changed("deletions", "relationship", "R2")];
  const notes = compose(changes);
  expect(notes.collections[0]?.types).toMatchObject([
    { title: "Relationships", counts: { additions: 1, deletions: 1, patches: 0 }, classes: [] },
  ]);
  expect(notes.remarks).toEqual(["Relationships are only counted; with --all, they are listed."]);
  expect(outline(changes, true)).toEqual([
    ["Relationships", ["New 1", ["", "R1"]], ["Deleted 1", ["", "R2"]]],
  ]);
  expect(compose(changes, {}, true).remarks).toEqual([]);
});

test("a change whose class is not known is listed last", () => {
  const { class: _class, ...unclassed } = changed("patches", "tool", "S1");
  expect(outline([unclassed, changed("deletions", "tool", "S2")])).toEqual([
    ["Software", ["Deleted 1", ["", "S2"]], ["Changed, class not known 1", ["", "S1"]]],
  ]);
});

test("titles name the releases, or the time", () => {
  const notes = compose([]);
  expect([notes.title, notes.collections[0]?.title]).toEqual([
    "ATT&CK changes, 17.1 → 18.1",
    "ICS ATT&CK, 17.1 → 18.1",
  ]);
  const since = "2026-11-02T00:00:00.000Z";
  const empty = composeReleaseNotes({ from: null, to: null, since, collections: [] }, { all: false });
  expect(empty).toEqual({
    title: `ATT&CK changes, since ${since}`,
    collections: [],
    remarks: ["The database has no TAXII collection."],
  });
});
