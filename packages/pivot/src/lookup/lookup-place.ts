import type { StoreReader } from "@cti-connectors/core";

/** Where to look things up. */
export interface LookupPlace {
  /** `openStore` of `@cti-connectors/core/host` has one as `reader`. */
  readonly store: StoreReader;
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  /** The collection of exploited vulnerabilities: the setting KEV_COLLECTION. Default `kev`. */
  readonly vulnerabilities?: string;
}
