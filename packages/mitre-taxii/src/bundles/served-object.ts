import { keepMarks } from "@cti-connectors/core";
import { parseTimestamp } from "../documents/timestamps.js";
import type { StixObject } from "../taxii/stix-object.js";

/**
 * An object of a bundle as the ATT&CK server sends it, so that both make the same document: the server's schema puts these five properties
 * first, and it writes the two dates anew, in UTC with three digits (attack-workbench-taxii-server, `stix-properties.schema.ts`).
 */
export function servedObject(object: StixObject): StixObject {
  const { id, modified, created, type, spec_version, ...rest } = object;
  const served: StixObject = {
    id,
    ...(modified !== undefined && { modified: servedDate(modified) }),
    ...(created !== undefined && { created: servedDate(created) }),
    type,
    ...(spec_version !== undefined && { spec_version }),
    ...rest,
  };
  keepMarks(object, served);
  return served;
}

/** What is not a date stays as it is. */
function servedDate<Value>(value: Value): Value | string {
  return parseTimestamp(value)?.toISOString() ?? value;
}
