export {
  type Change,
  type ChangeClass,
  type ChangeCounts,
  type ChangedField,
  type ChangeKind,
  type Changes,
  type CollectionChanges,
  changeClasses,
  type Successor,
  type TypeChanges,
} from "./changes/changes.js";
export { findSuccessors } from "./changes/find-successors.js";
export { type ReadChangesOptions, readChanges, UnknownReleaseError } from "./changes/read-changes.js";
export { countClasses } from "./changes/summarize-changes.js";
export type { MitreTaxiiConfig } from "./config/mitre-taxii-config.js";
export { mitreTaxii } from "./mitre-taxii.js";
export type { TaxiiCollection } from "./taxii/collections.js";
export type { ApiRootInformation, Discovery } from "./taxii/discovery.js";
export { isManifestRecord, type ManifestRecord } from "./taxii/manifest-record.js";
export { isStixObject, type StixObject } from "./taxii/stix-object.js";
export { openApiRoot, type TaxiiApiRoot } from "./taxii/taxii-api-root.js";
export { createTaxiiClient, type TaxiiClient, type TaxiiClientOptions } from "./taxii/taxii-client.js";
export type { TaxiiSettingNames } from "./taxii/taxii-connection.js";
export { TaxiiError, type TaxiiErrorDetails } from "./taxii/taxii-error.js";
export type { PageCursor, TaxiiPage } from "./taxii/taxii-page.js";
export type { Match, WalkOptions } from "./taxii/walk-pages.js";
