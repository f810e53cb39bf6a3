import { createHash } from "node:crypto";
import type { StoredIoc } from "../output/stored-ioc.js";
import { deriveStixId } from "../record/enrich-ioc.js";
import type { StixIocObject, StixMalware } from "./stix-object.js";
import { threatfoxIdentity, tlpClear } from "./threatfox-identity.js";
import { type StixObjectOptions, toStixObjects } from "./to-stix-objects.js";

export interface StixBundleOptions extends StixObjectOptions {
  /** Called for an IOC that has no pattern and so cannot be an indicator. */
  readonly onLeftOut?: (ioc: StoredIoc) => void;
}

/**
 * Writes a STIX 2.1 bundle piece by piece, one object per line. Only malware families are kept in memory: they come last, as their
 * newest IOC describes them.
 *
 * The same IOCs in the same order give the same bundle, byte for byte: its id is derived from its content, and therefore comes
 * last.
 */
export function writeStixBundle(
  iocs: AsyncIterable<StoredIoc>,
  options: StixBundleOptions = {},
): AsyncGenerator<string, void, undefined> {
  return writeBundle(objectsOf(iocs, options));
}

/**
 * Writes bundles of a number of indicators each, as `writeStixBundle` does: every one is complete in itself, so a family that
 * several need is in each of them, as the newest IOC in that bundle has it. There is at least one bundle.
 *
 * They come from one reading of the IOCs: read each bundle to its end before the next one.
 *
 * @param size how many indicators a bundle holds, 1 or more; the last one can hold fewer
 */
export async function* writeStixBundles(
  iocs: AsyncIterable<StoredIoc>,
  { size, ...options }: StixBundleOptions & { readonly size: number },
): AsyncGenerator<AsyncGenerator<string, void, undefined>, void, undefined> {
  const all = objectsOf(iocs, options);
  try {
    let next = await all.next();
    async function* take() {
      for (let taken = 0; taken < size && !next.done; taken += 1) {
        yield next.value;
        next = await all.next();
      }
    }
    do {
      yield writeBundle(take());
    } while (!next.done);
  } finally {
    await all.return();
  }
}

/** The objects of each IOC that has a pattern. */
async function* objectsOf(
  iocs: AsyncIterable<StoredIoc>,
  { onLeftOut, ...options }: StixBundleOptions,
): AsyncGenerator<readonly StixIocObject[], void, undefined> {
  for await (const ioc of iocs) {
    const objects = toStixObjects(ioc, options);
    if (objects.length > 0) {
      yield objects;
    } else {
      onLeftOut?.(ioc);
    }
  }
}

async function* writeBundle(
  iocs: AsyncIterable<readonly StixIocObject[]>,
): AsyncGenerator<string, void, undefined> {
  const families = new Map<string, StixMalware>();
  const content = createHash("sha256");
  const write = (object: object): string => {
    const line = JSON.stringify(object);
    content.update(line);
    return line;
  };

  yield `{"type":"bundle","objects":[\n${write(tlpClear)},\n${write(threatfoxIdentity)}`;
  for await (const objects of iocs) {
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
