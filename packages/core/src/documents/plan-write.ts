import type { UpdateFilter } from "mongodb";
import type { HistoryEntry, StoredDocument } from "../connector/stored-document.js";
import { canonicalText } from "../json/canonical-text.js";
import { isJsonObject } from "../json/json.js";
import type { PreparedDocument } from "./prepare-document.js";

/** What decides whether a stored document is written. */
export type StoredState = Pick<StoredDocument, "content_hash" | "removed_at" | "run_id">;

export type Outcome = "inserted" | "updated" | "unchanged";

type WriteOperation =
  | { readonly insert: StoredDocument }
  | {
      readonly filter: { readonly _id: string; readonly content_hash?: string };
      readonly update: UpdateFilter<StoredDocument>;
      /** Whether it inserts a document where the filter finds none. */
      readonly upsert: boolean;
    };

export interface PlannedWrite {
  /** As the step brought it. */
  readonly brought: PreparedDocument;
  /** As it is written: `brought`, or what was made of it and of what is stored. */
  readonly written: PreparedDocument;
  readonly outcome: Exclude<Outcome, "unchanged">;
  /** Whether it is written only while what is stored is what the write was made from. */
  readonly isGuarded: boolean;
  readonly operation: WriteOperation;
  /** About how long the operation is, as JSON. */
  readonly characters: number;
}

export interface Occasion {
  readonly runId: string;
  readonly at: Date;
}

export function planInsert(brought: PreparedDocument, { runId, at }: Occasion): PlannedWrite {
  const { document, hash } = brought;
  return {
    brought,
    written: brought,
    outcome: "inserted",
    isGuarded: false,
    characters: brought.characters,
    operation: {
      insert: {
        _id: document._id,
        data: document.data,
        enriched: document.enriched,
        ingested_at: at,
        first_ingested_at: at,
        run_id: runId,
        content_hash: hash,
        ...(document.altered && { altered: document.altered }),
        ...removal(document.removed, at),
      },
    },
  };
}

/** Whether a document is stored already as it should be. */
export function isStoredAs(stored: StoredState, { document, hash }: PreparedDocument): boolean {
  return (
    stored.content_hash === hash && (document.removed !== undefined || (stored.removed_at ?? null) === null)
  );
}

export function planUpdate(brought: PreparedDocument, stored: StoredState, occasion: Occasion): PlannedWrite {
  const { _id } = brought.document;
  return {
    brought,
    written: brought,
    outcome: "updated",
    isGuarded: false,
    characters: brought.characters,
    operation: { filter: { _id }, update: updateTo(brought, stored, occasion), upsert: true },
  };
}

/**
 * An update that was made from what is stored. It does nothing where something else is stored by then, so that neither a retry
 * nor somebody else's write leaves what was made from an older state, or a second history entry.
 */
export function planGuardedUpdate(
  {
    brought,
    written,
    stored,
    history,
  }: Pick<PlannedWrite, "brought" | "written"> & {
    readonly stored: StoredState;
    readonly history: HistoryEntry | undefined;
  },
  occasion: Occasion,
): PlannedWrite {
  return {
    brought,
    written,
    outcome: "updated",
    isGuarded: true,
    characters: written.characters + (history === undefined ? 0 : JSON.stringify(history).length),
    operation: {
      filter: { _id: written.document._id, content_hash: stored.content_hash },
      update: updateTo(written, stored, occasion, history),
      upsert: false,
    },
  };
}

function updateTo(
  { document, hash }: PreparedDocument,
  { removed_at }: StoredState,
  { runId, at }: Occasion,
  history?: HistoryEntry,
) {
  const { data, enriched, removed, altered } = document;
  const content = {
    data,
    enriched,
    ingested_at: at,
    run_id: runId,
    content_hash: hash,
    ...(altered && { altered }),
  };
  const asReceived = altered === undefined && { altered: "" as const };
  const isBack = removed === undefined && removed_at instanceof Date;
  const push = { ...(history && { history }), ...(isBack && { absences: { from: removed_at, to: at } }) };
  return {
    ...(removed === undefined
      ? {
          $set: { ...content, removed_at: null },
          $setOnInsert: { first_ingested_at: at },
          $unset: { removed_reason: "" as const, ...asReceived },
        }
      : {
          $set: content,
          $setOnInsert: { first_ingested_at: at, ...removal(removed, at) },
          ...(asReceived && { $unset: asReceived }),
        }),
    ...((history !== undefined || isBack) && { $push: push }),
  };
}

function removal(
  reason: StoredDocument["removed_reason"],
  at: Date,
): Pick<StoredDocument, "removed_at" | "removed_reason"> {
  return reason === undefined ? { removed_at: null } : { removed_at: at, removed_reason: reason };
}

/**
 * What a change of `data` replaces, field by field, or undefined where only the order of keys differs. Where `data` is no object,
 * it counts as one field of the name `data`.
 */
export function historyEntryOf(
  before: unknown,
  after: unknown,
  { runId, at }: Occasion,
): HistoryEntry | undefined {
  const old = fieldsOf(before);
  const fresh = fieldsOf(after);
  const fields = [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (name) => canonicalText(old.get(name)) !== canonicalText(fresh.get(name)),
  );
  return fields.length === 0
    ? undefined
    : {
        changed_at: at,
        run_id: runId,
        fields,
        before: Object.fromEntries(
          fields.filter((name) => old.has(name)).map((name) => [name, old.get(name)]),
        ),
      };
}

/** Through JSON, since the driver makes an instance of its own of `{ "$ref": …, "$id": … }`. */
function fieldsOf(data: unknown): ReadonlyMap<string, unknown> {
  const value: unknown = JSON.parse(JSON.stringify(data) ?? "null");
  return new Map(isJsonObject(value) ? Object.entries(value) : [["data", value]]);
}
