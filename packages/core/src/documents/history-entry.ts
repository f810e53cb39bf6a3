import type { HistoryEntry } from "../connector/stored-document.js";
import { isJsonObject } from "../json/json.js";
import { canonicalText } from "./content-hash.js";

/**
 * What a change of `data` replaces, field by field, or undefined where only the order of keys differs. Where `data` is no object,
 * it counts as one field of the name `data`.
 */
export function historyEntryOf(
  before: unknown,
  after: unknown,
  { runId, at }: { readonly runId: string; readonly at: Date },
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
