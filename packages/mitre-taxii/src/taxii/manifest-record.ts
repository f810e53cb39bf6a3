import { isJsonObject, type JsonObject } from "@cti-connectors/core";

/** A manifest's entry for one object version (TAXII 2.1, section 5.3.1). */
export interface ManifestRecord extends JsonObject {
  readonly id: string;
  /** When it was added to the collection. The ATT&CK server puts the object's `created` here. */
  readonly date_added: string;
  /** The object's `modified`, or `created` where it has none. */
  readonly version: string;
}

export function isManifestRecord(value: unknown): value is ManifestRecord {
  return (
    isJsonObject(value) &&
    typeof value.id === "string" &&
    value.id !== "" &&
    typeof value.date_added === "string" &&
    typeof value.version === "string" &&
    value.version !== ""
  );
}
