import { isJsonObject, streamJson } from "@cti-connectors/core";
import { holdsIoc, UnreadableEntry } from "../record/export-entry.js";
import { ExportFileError } from "./export-file.js";

/**
 * The records of a JSON export, `{ "<id>": [ { … } ], … }`, in its order; each with its id as `ioc_id`, as in the CSV
 * export. What stands in the place of a record and cannot be one comes as an `UnreadableEntry`. A character that another program damaged is
 * no reason to lose the rest of an export: see `streamJson`.
 *
 * @throws ExportFileError where the text is another one; records before that place come first
 * @throws FileContentError where it is no JSON, or ends too early; records before that place come first
 */
export async function* readJsonExport(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let isFirst = true;
  for await (const { key, value } of streamJson(chunks, ["$.*"])) {
    const found = recordsOf(key, value);
    if (isFirst && !/^\d+$/u.test(String(key)) && !found.some(holdsIoc)) {
      throw new ExportFileError(
        `it is JSON, but not an export of ThreatFox: an object with ThreatFox's ids as keys was expected, and its first key is ${JSON.stringify(String(key).slice(0, 40))}`,
      );
    }
    isFirst = false;
    yield* found;
  }
}

function recordsOf(key: unknown, value: unknown): readonly unknown[] {
  if (typeof key !== "string") {
    throw new ExportFileError("it is a list: an object with ThreatFox's ids as keys was expected");
  }
  if (key === "query_status" || key === "data") {
    const status = key === "query_status" && typeof value === "string" ? ` (${value.slice(0, 40)})` : "";
    throw new ExportFileError(`it is an answer of ThreatFox's API${status}; it is not an export`);
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) =>
    isJsonObject(entry)
      ? // Not a copy: what of the entry is not as it came is known of this object.
        Object.assign(entry, { ioc_id: key })
      : new UnreadableEntry([key, entry], "an IOC must be a JSON object"),
  );
}
