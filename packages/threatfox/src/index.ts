export type { Ioc, IocDetails, IocType, Label, Malware, Tag } from "./client/answers.js";
export { createThreatfoxClient, type ThreatfoxClient } from "./client/create-threatfox-client.js";
export type { ThreatfoxConnection } from "./client/query-threatfox.js";
export { ThreatfoxError } from "./client/threatfox-error.js";
export { threatfox } from "./threatfox.js";
export { type ThreatfoxConfig, threatfoxConfig } from "./threatfox-config.js";
export { type EnrichedIoc, enrichIoc } from "./transform/enrich-ioc.js";
export type { Indicator } from "./transform/indicator.js";
export { type IocRecord, iocRecord } from "./transform/ioc-record.js";
