export type { Ioc, IocDetails, IocType, Label, Malware, Tag } from "./client/answers.js";
export {
  createThreatfoxClient,
  type ThreatfoxClient,
  type ThreatfoxList,
} from "./client/create-threatfox-client.js";
export type { ThreatfoxConnection } from "./client/query-threatfox.js";
export { ThreatfoxError } from "./client/threatfox-error.js";
export { hideExportKey } from "./config/export-urls.js";
export { type ThreatfoxConfig, threatfoxConfig } from "./config/threatfox-config.js";
export { ExportFileError } from "./export-file/export-file.js";
export { type ExportPage, type ReadExportOptions, readExportFile } from "./export-file/read-export-file.js";
export { type AddressRange, addressRange, sortableAddress } from "./indicator/address.js";
export type { Indicator } from "./indicator/indicator.js";
export { type PatternStyle, patternStyles } from "./indicator/indicator.js";
export { findHashTypes } from "./indicator/parse-hash.js";
export { type Host, parseHost } from "./indicator/parse-host.js";
export { findHost, iocTypes, type Place, parseIndicator } from "./indicator/parse-indicator.js";
export { reverseDomain } from "./indicator/reverse-domain.js";
export {
  type ExclusionList,
  ExclusionListError,
  type ExclusionSource,
  parseExclusionLists,
} from "./output/exclusion-list.js";
export { type IocSelection, type ReadIocsOptions, readIocs, toMongoFilter } from "./output/read-iocs.js";
export { type StoredIoc, storedIoc } from "./output/stored-ioc.js";
export {
  type BlocklistOmission,
  type BlocklistOptions,
  writeBlocklist,
  writeBlocklists,
} from "./output/write-blocklist.js";
export { writeCsv } from "./output/write-csv.js";
export { writeNdjson } from "./output/write-ndjson.js";
export { type EnrichedIoc, enrichIoc } from "./record/enrich-ioc.js";
export { type IocRecord, type IocSource, iocRecord } from "./record/ioc-record.js";
export { mapExportRecord } from "./record/map-export-record.js";
export type {
  StixExternalReference,
  StixId,
  StixIdentity,
  StixIndicator,
  StixIocObject,
  StixMalware,
  StixMarkingDefinition,
  StixRelationship,
} from "./stix/stix-object.js";
export { threatfoxIdentity, tlpClear } from "./stix/threatfox-identity.js";
export { familyStixId, type StixObjectOptions, toStixObjects } from "./stix/to-stix-objects.js";
export { type StixBundleOptions, writeStixBundle, writeStixBundles } from "./stix/write-stix-bundle.js";
export { threatfox } from "./threatfox.js";
