import type { PatternStyle } from "../indicator/build-stix-pattern.js";
import type { StoredIoc } from "../output/stored-ioc.js";
import { buildIndicator } from "./build-indicator.js";
import { buildMalware } from "./build-malware.js";
import { buildRelationship } from "./build-relationship.js";
import type { StixIocObject } from "./stix-object.js";

export interface StixObjectOptions {
  /** Default `full`. */
  readonly pattern?: PatternStyle;
}

/**
 * An IOC in STIX 2.1: its indicator and, where its malware family is known, the family and the relationship between them.
 * They refer to `threatfoxIdentity` and to `tlpClear`, which a bundle of them should hold, too.
 *
 * @returns nothing where the IOC has no pattern: it is malformed, or of a type that STIX patterns have no word for
 */
export function toStixObjects(
  ioc: StoredIoc,
  { pattern = "full" }: StixObjectOptions = {},
): readonly StixIocObject[] {
  const indicator = buildIndicator(ioc, pattern);
  if (indicator === undefined) {
    return [];
  }
  return [indicator, buildMalware(ioc), buildRelationship(ioc, indicator)].filter(
    (object) => object !== undefined,
  );
}
