import {
  type Change,
  type ChangeClass,
  type Changes,
  type CollectionChanges,
  changeClasses,
  countClasses,
} from "@cti-connectors/mitre-taxii";

/** Changes in the order of release notes: by collection, type of object, class and tactic. */
export interface ReleaseNotes {
  readonly title: string;
  readonly collections: readonly CollectionNotes[];
  /** Shown at the end. */
  readonly remarks: readonly string[];
}

export interface CollectionNotes {
  /** `ICS ATT&CK, 17.1 → 18.1`. */
  readonly title: string;
  readonly notCompared?: string;
  /** How many changed objects have a version that is not stored. */
  readonly notStored: number;
  /** With a time: how many documents changed under the version that they had. */
  readonly sameVersion: number;
  readonly types: readonly TypeNotes[];
}

export interface TypeNotes {
  /** `Techniques`. */
  readonly title: string;
  readonly counts: Readonly<Record<ChangeClass, number>>;
  /** None where the type is only counted. */
  readonly classes: readonly ClassNotes[];
}

export interface ClassNotes {
  readonly title: string;
  readonly count: number;
  readonly groups: readonly TacticNotes[];
}

/** Changes of one tactic, or those of a type that has none. */
export interface TacticNotes {
  /** `Initial Access`. Absent: none. */
  readonly tactic?: string;
  readonly entries: readonly NotesEntry[];
}

export interface NotesEntry {
  readonly change: Change;
  /** The first tactic of a technique that has several: its details are only listed there. */
  readonly seeTactic?: string;
}

/** As MITRE's changelogs name and order them; then what only we compare. */
const typeTitles: Readonly<Record<string, string>> = {
  "attack-pattern": "Techniques",
  "x-mitre-tactic": "Tactics",
  malware: "Software",
  tool: "Software",
  "intrusion-set": "Groups",
  campaign: "Campaigns",
  "x-mitre-asset": "Assets",
  "course-of-action": "Mitigations",
  "x-mitre-data-source": "Data Sources",
  "x-mitre-data-component": "Data Components",
  "x-mitre-detection-strategy": "Detection Strategies",
  "x-mitre-analytic": "Analytics",
  "x-mitre-matrix": "Matrices",
  relationship: "Relationships",
};
const order = [...new Set(Object.values(typeTitles))];

export const classTitles: Readonly<Record<ChangeClass, string>> = {
  additions: "New",
  major_version_changes: "Major version changes",
  minor_version_changes: "Minor version changes",
  other_version_changes: "Other version changes",
  patches: "Patches",
  revocations: "Revoked",
  deprecations: "Deprecated",
  deletions: "Deleted",
  retired: "Revoked or deprecated before",
};

/** @param all list relationships, too: there are thousands of them in a release */
export function composeReleaseNotes(changes: Changes, { all }: { readonly all: boolean }): ReleaseNotes {
  const { from, to, since } = changes;
  const span = since === undefined ? spanOf(from, to) : `since ${since}`;
  const collections = changes.collections.map((collection) => ({
    title: `${collection.name}${separate(since === undefined ? spanOf(collection.from, collection.to) : span)}`,
    ...(collection.not_compared !== undefined && { notCompared: collection.not_compared }),
    notStored: collection.not_stored ?? 0,
    sameVersion: collection.same_version ?? 0,
    types: composeTypes(collection, all),
  }));
  const isShortened = collections.some(({ types }) => types.some(({ classes }) => classes.length === 0));
  return {
    title: `ATT&CK changes${separate(span)}`,
    collections,
    remarks: [
      ...(collections.length === 0 ? ["The database has no TAXII collection."] : []),
      ...(isShortened ? ["Relationships are only counted; with --all, they are listed."] : []),
    ],
  };
}

const spanOf = (from: string | null, to: string | null) =>
  from === null || to === null ? "" : `${from} → ${to}`;
const separate = (span: string) => (span === "" ? "" : `, ${span}`);

function composeTypes({ changes, tactics }: CollectionChanges, all: boolean): readonly TypeNotes[] {
  const types = new Map<string, Change[]>();
  for (const change of changes) {
    // The object of the release itself is in the heading.
    if (change.type !== "x-mitre-collection") {
      const title = typeTitles[change.type] ?? change.type;
      addTo(types, title, change);
    }
  }
  return [...types]
    .sort(([one], [other]) => rankIn(order, one) - rankIn(order, other))
    .map(([title, ofType]) => ({
      title,
      counts: countClasses(ofType),
      classes: all || title !== typeTitles.relationship ? composeClasses(ofType, tactics) : [],
    }));
}

function addTo<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  list.push(item);
}

function composeClasses(changes: readonly Change[], tactics: readonly string[]): readonly ClassNotes[] {
  return [...changeClasses, undefined].flatMap((name) => {
    const ofClass = changes.filter((change) => change.class === name);
    const title = name === undefined ? "Changed, class not known" : classTitles[name];
    return ofClass.length === 0
      ? []
      : [{ title, count: ofClass.length, groups: groupByTactic(ofClass.sort(byIdAndName), tactics) }];
  });
}

function byIdAndName(one: Change, other: Change): number {
  const [left, right] = [one, other].map(({ attack_id = "\uffff", name = "", id }) =>
    [attack_id, name, id].join("\0"),
  );
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

/** @param order short names of tactics */
function groupByTactic(changes: readonly Change[], order: readonly string[]): readonly TacticNotes[] {
  const inOrder = (one: string, other: string) =>
    rankIn(order, one) - rankIn(order, other) || (one < other ? -1 : 1);
  const groups = new Map<string, NotesEntry[]>();
  for (const change of changes) {
    const tactics = change.type === "attack-pattern" ? (change.tactics ?? []) : [];
    const [first = "", ...others] = [...new Set(tactics)].sort(inOrder);
    addTo(groups, first, { change });
    for (const tactic of others) {
      const isDescribed = (change.fields ?? []).length > 0;
      addTo(groups, tactic, { change, ...(isDescribed && { seeTactic: nameTactic(first) }) });
    }
  }
  return [...groups]
    .sort(([one], [other]) => inOrder(one, other))
    .map(([tactic, entries]) => ({ ...(tactic !== "" && { tactic: nameTactic(tactic) }), entries }));
}

/** What is not in the order comes last. */
function rankIn(order: readonly string[], name: string): number {
  const rank = order.indexOf(name);
  return rank === -1 ? order.length : rank;
}

const smallWords: ReadonlySet<string> = new Set(["and", "of", "or", "the"]);

/** `Command and Control` of `command-and-control`. */
function nameTactic(shortName: string): string {
  return shortName
    .split("-")
    .map((word) => (smallWords.has(word) ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}
