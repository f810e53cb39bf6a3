export { createTaxiiApp, type TaxiiAppOptions } from "./create-taxii-app.js";
export { makeEtag } from "./endpoints/answer-resource.js";
export { limitWork, type WorkLimit } from "./endpoints/limit-work.js";
export {
  createMemorySource,
  type MemoryApiRoot,
  type MemoryCollection,
} from "./memory/create-memory-source.js";
export type { AddedBundle } from "./memory/list-bundles.js";
export { type SelectableObject, selectObjects } from "./memory/select-objects.js";
export { isTaxii, taxiiContentType } from "./protocol/media-type.js";
export {
  badRequest,
  forbidden,
  notFound,
  type TaxiiErrorMessage,
  TaxiiRefusal,
  toErrorResponse,
} from "./protocol/taxii-refusal.js";
export { normalizeTimestamp } from "./protocol/timestamp.js";
export { parseFilter } from "./request/parse-filter.js";
export type { TaxiiFilter, VersionFilter, VersionSelection } from "./source/taxii-filter.js";
export type {
  ApiRoot,
  PageQuery,
  SourceCollection,
  SourcePage,
  SourceRecord,
  TaxiiSource,
} from "./source/taxii-source.js";
