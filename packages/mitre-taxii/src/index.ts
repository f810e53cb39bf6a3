export type { TaxiiCollection } from "./taxii/collections.js";
export type { ApiRootInformation, Discovery } from "./taxii/discovery.js";
export { taxiiMediaType } from "./taxii/get-resource.js";
export type { ManifestRecord } from "./taxii/manifest-record.js";
export type { StixObject } from "./taxii/stix-object.js";
export { openApiRoot, type TaxiiApiRoot } from "./taxii/taxii-api-root.js";
export { createTaxiiClient, type TaxiiClient, type TaxiiClientOptions } from "./taxii/taxii-client.js";
export { TaxiiError, type TaxiiErrorDetails } from "./taxii/taxii-error.js";
export type { Match, PageCursor, TaxiiPage, WalkOptions } from "./taxii/walk-pages.js";
