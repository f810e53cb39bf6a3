import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { isJsonObject, type JsonObject, type JsonValue } from "@cti-connectors/core";

/**
 * The objects of a STIX bundle.
 *
 * @param file a bundle, gzipped where the name ends in `.gz`
 * @throws Error where the file holds no bundle
 */
export function readObjects(file: string): readonly JsonObject[] {
  const bytes = readFileSync(file);
  const bundle: JsonValue = JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
  const objects = isJsonObject(bundle) ? bundle.objects : undefined;
  if (!isList(objects)) {
    throw new Error(`${file} holds no STIX bundle: a JSON object with a list "objects" was expected.`);
  }
  return objects.filter(isJsonObject);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
