import { oneLine } from "@cti-connectors/core";
import {
  type Change,
  type ChangeClass,
  type ChangeCounts,
  type Changes,
  type CollectionChanges,
  changeClasses,
} from "@cti-connectors/mitre-taxii";
import { formatCount, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";
import { left, renderTable, right } from "../text/render-table.js";
import { joinToWidth } from "../text/width.js";

export interface RenderChangesOptions {
  /** For people: which database this is. */
  readonly place: string;
  /** How the program is started. */
  readonly command: string;
  /** Show every change, and not only the first of each type and kind. */
  readonly all: boolean;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

/** How many changes of one type and kind are shown. */
const shown = 20;
const kinds = ["added", "modified", "revoked", "deprecated", "withdrawn"] as const;
type Kind = (typeof kinds)[number];
const widest = Math.max(...kinds.map((kind) => kind.length));
const columns = [left("type"), ...kinds.map(right)];

/** What changed in each collection, by type, with ATT&CK ids and names: for people. */
export function renderChanges({ collections, since }: Changes, options: RenderChangesOptions): string {
  const { place, command, all } = options;
  if (collections.length === 0) {
    return `No ATT&CK data is stored in the ${place}.\nLoad it first: ${command} run mitre-taxii`;
  }
  const isBounded = !all && collections.some(isLong);
  const parts = [
    ...collections.map((collection) => renderCollection(collection, since, options)),
    ...(collections.some(lacksReleases) ? [advise(command)] : []),
    ...(isBounded ? ["--all shows all of them, and --json too."] : []),
  ];
  return parts.join("\n\n");
}

function lacksReleases({ not_compared, releases }: CollectionChanges): boolean {
  return not_compared !== undefined && releases.length < 2;
}

const advise = (command: string) => `To compare releases, load at least two of them:
  MITRE_RELEASES=17.1,18.1 ${command} run mitre-taxii
To see changes in the database since a date:
  ${command} changes --since 2026-11-01`;

function renderCollection(
  collection: CollectionChanges,
  since: string | undefined,
  { all, paint, width }: RenderChangesOptions,
): string {
  const { name, from, to, not_compared, summary, types, changes } = collection;
  const between = since === undefined ? (from === null ? "" : `, ${from} → ${to}`) : `, since ${since}`;
  if (not_compared !== undefined) {
    return `${paint("bold", `${oneLine(name)}${between}`)}: not compared, ${not_compared}`;
  }
  const heading = `${paint("bold", `${oneLine(name)}${between}`)}: ${summarize(summary)}`;
  const notes = [
    ...renderClasses(summary, width),
    ...renderSameVersion(collection, since),
    ...renderNotStored(collection),
  ];
  if (changes.length === 0) {
    return [heading, ...notes].join("\n");
  }
  const rows = [
    ...types.map(({ type, ...counts }) => [type, ...numbersOf(counts)]),
    ...(types.length > 1 ? [["all", ...numbersOf(summary)]] : []),
  ];
  const table = renderTable(columns, rows, { width });
  const lists = types.map(({ type }) => renderType(type, changes, all, paint));
  return [[heading, ...notes].join("\n"), table, ...lists].join("\n\n");
}

const classNames: Readonly<Record<ChangeClass, string>> = {
  additions: "new",
  major_version_changes: "major",
  minor_version_changes: "minor",
  other_version_changes: "other",
  patches: "patched",
  revocations: "revoked",
  deprecations: "deprecated",
  deletions: "deleted",
  retired: "retired before",
};

function renderClasses({ classes }: ChangeCounts, width: number): readonly string[] {
  const figures = changeClasses
    .filter((name) => classes[name] > 0)
    .map((name) => `${formatNumber(classes[name])} ${classNames[name]}`);
  const [first, ...others] = figures;
  return first === undefined ? [] : joinToWidth([`MITRE's classes: ${first}`, ...others], width);
}

function renderNotStored({ not_stored = 0 }: CollectionChanges): string[] {
  if (not_stored === 0) {
    return [];
  }
  const which = `Not stored in the versions that are compared: ${formatCount(not_stored, "object")}`;
  return [`${which}. Names may be missing, and what was revoked or deprecated: load both releases whole.`];
}

function renderSameVersion({ id, same_version = 0 }: CollectionChanges, since: string | undefined): string[] {
  if (since === undefined || same_version === 0) {
    return [];
  }
  const collection = `"data.collection_id": ${JSON.stringify(id)}, removed_at: null`;
  const query = `db.objects.find({ ${collection}, ingested_at: { $gte: ISODate("${since}") }, first_ingested_at: { $lt: ISODate("${since}") } })`;
  return [`Stored anew under the version they had: ${formatCount(same_version, "document")}. ${query}`];
}

function summarize({ added, modified, revoked, deprecated, withdrawn }: ChangeCounts): string {
  if (added + modified + withdrawn === 0) {
    return "nothing changed";
  }
  const flagged = [
    ...(revoked > 0 ? [`${formatNumber(revoked)} revoked`] : []),
    ...(deprecated > 0 ? [`${formatNumber(deprecated)} deprecated`] : []),
  ];
  const which = flagged.length === 0 ? "" : ` (of which ${flagged.join(", ")})`;
  return `${formatNumber(added)} added, ${formatNumber(modified)} modified${which}, ${formatNumber(withdrawn)} withdrawn`;
}

function numbersOf(counts: ChangeCounts): readonly string[] {
  return kinds.map((kind) => formatNumber(counts[kind]));
}

function renderType(type: string, changes: readonly Change[], all: boolean, paint: Paint): string {
  const ofType = changes.filter((change) => change.type === type);
  const idWidth = Math.max(...ofType.map(({ attack_id = "" }) => attack_id.length));
  const lines = byKind(ofType).flatMap(([kind, group]) => {
    const first = all ? group : group.slice(0, shown);
    const more = group.length - first.length;
    return [
      ...first.map((change) => `  ${kind.padEnd(widest)}  ${describeChange(change, idWidth)}`),
      ...(more > 0 ? [`  ${kind.padEnd(widest)}  … and ${formatNumber(more)} more`] : []),
    ];
  });
  return [paint("bold", type), ...lines].join("\n");
}

function describeChange({ attack_id = "", name, id }: Change, idWidth: number): string {
  const prefix = idWidth === 0 ? "" : `${attack_id.padEnd(idWidth)}  `;
  return `${prefix}${oneLine(name ?? id)}`;
}

function byKind(changes: readonly Change[]): [Kind, Change[]][] {
  return kinds.map((kind) => [kind, changes.filter((change) => kindOf(change) === kind)]);
}

function isLong({ types, changes }: CollectionChanges): boolean {
  return types.some(({ type }) =>
    byKind(changes.filter((change) => change.type === type)).some(([, group]) => group.length > shown),
  );
}

/** What matters most of a change. */
function kindOf({ change, revoked, deprecated }: Change): Kind {
  if (revoked) {
    return "revoked";
  }
  return deprecated ? "deprecated" : change;
}
