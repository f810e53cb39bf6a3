import { createHash } from "node:crypto";
import type { StoredIoc } from "../output/stored-ioc.js";
import { deriveStixId } from "../transform/derive-stix-id.js";
import type { StixMalware } from "./stix-object.js";
import { threatfoxIdentity } from "./threatfox-identity.js";
import { tlpClear } from "./tlp-clear.js";
import { toStixObjects } from "./to-stix-objects.js";

export interface StixBundleOptions {
  /** Called for an IOC that has no pattern and so cannot be an indicator. */
  readonly onLeftOut?: (ioc: StoredIoc) => void;
}

/**
 * Writes a STIX 2.1 bundle piece by piece, one object a line. Of the objects, only malware families are held, one of each:
 * they come last, as their newest IOC has them.
 *
 * The same IOCs in the same order are the same bundle to the byte: its id is made of what is in it, and is therefore written
 * after it.
 */
export async function* writeStixBundle(
  iocs: AsyncIterable<StoredIoc>,
  { onLeftOut }: StixBundleOptions = {},
): AsyncGenerator<string, void, undefined> {
  const families = new Map<string, StixMalware>();
  const content = createHash("sha256");
  const write = (object: object): string => {
    const line = JSON.stringify(object);
    content.update(line);
    return line;
  };

  yield `{"type":"bundle","objects":[\n${write(tlpClear)},\n${write(threatfoxIdentity)}`;
  for await (const ioc of iocs) {
    const objects = toStixObjects(ioc);
    if (objects.length === 0) {
      onLeftOut?.(ioc);
    }
    for (const object of objects) {
      if (object.type !== "malware") {
        yield `,\n${write(object)}`;
      } else if (object.modified >= (families.get(object.id)?.modified ?? "")) {
        families.set(object.id, object);
      }
    }
  }
  for (const family of [...families.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    yield `,\n${write(family)}`;
  }
  yield `\n],"id":"${deriveStixId("bundle", content.digest("hex"))}"}\n`;
}
