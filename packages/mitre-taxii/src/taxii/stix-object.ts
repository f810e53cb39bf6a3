import { isJsonObject, type JsonObject } from "@cti-connectors/core";

/** Any STIX object: the two properties that all of them have, and whatever else it holds. */
export interface StixObject extends JsonObject {
  /** E.g. `attack-pattern`. */
  readonly type: string;
  /** E.g. `attack-pattern--7385dfaf-6886-4229-9ecd-6fd678040830`. */
  readonly id: string;
}

export function isStixObject(value: unknown): value is StixObject {
  return (
    isJsonObject(value) &&
    typeof value.id === "string" &&
    value.id !== "" &&
    typeof value.type === "string" &&
    value.type !== ""
  );
}
