export { affectsEverything } from "./affects-everything.js";
export { alterationsIn, markInexactNumber, markReplacedBytes } from "./altered-values.js";
export { type BaseConfig, baseConfig } from "./base-config.js";
export type { BudgetLedger, BudgetState } from "./budget-ledger.js";
export type { RequestQuota } from "./budget-wait.js";
export { ConfigError, type ConfigFault } from "./config-error.js";
export {
  type ConfiguredConnector,
  type ConfiguredStep,
  configureConnector,
} from "./configure-connector.js";
export type {
  CollectionSpec,
  Connector,
  ConnectorDefinition,
  EnrichedObject,
  EnrichedValue,
  ExtractContext,
  ExtractedPage,
  Facts,
  IndexSpec,
  Listing,
  LoadDocument,
  Step,
  StepDefinition,
  StoredContent,
  StoreReader,
  TransformContext,
} from "./connector.js";
export { canonicalText } from "./content-hash.js";
export { createHttpClient, type HttpClientOptions } from "./create-http-client.js";
export { createLogger, type LogFormat, type LoggerOptions, type LogLevel } from "./create-logger.js";
export { databaseNameSetting } from "./database-name-setting.js";
export { type DecodedText, decodeUtf8 } from "./decode-utf8.js";
export { defineConnector, defineStep } from "./define-connector.js";
export { describeConfig, type SettingDescription } from "./describe-config.js";
export { IndexConflictError } from "./ensure-indexes.js";
export { explainInsecureUrl } from "./explain-insecure-url.js";
export { errorTextOf, findErrorText } from "./find-error-text.js";
export { findTlsFaults, type TlsFault } from "./find-tls-faults.js";
export { RemovalsRefusedError } from "./guard-removals.js";
export { hideUrlSecrets } from "./hide-url-secrets.js";
export type {
  Download,
  DownloadRequest,
  HttpClient,
  HttpLimits,
  HttpRequest,
  HttpResponse,
  HttpSettings,
  HttpStats,
  TlsSettingNames,
  TlsSettings,
} from "./http-client.js";
export { HttpConnectionError } from "./http-connection-error.js";
export { HttpStatusError } from "./http-status-error.js";
export { HttpUrlError } from "./http-url-error.js";
export { integerSetting } from "./integer-setting.js";
export { isDecompressionBomb } from "./is-decompression-bomb.js";
export { isExactNumber } from "./is-exact-number.js";
export { isLoopback } from "./is-loopback.js";
export type { JsonObject, JsonValue } from "./json.js";
export { LeaseHeldError } from "./lease.js";
export {
  type ListRejectedOptions,
  listRejected,
  type RejectedEntry,
  type RejectedList,
} from "./list-rejected.js";
export { listSetting } from "./list-setting.js";
export { type LoadOptions, type LoadResult, loadDocuments } from "./load-documents.js";
export {
  type EnvironmentFile,
  type EnvironmentSources,
  type LoadedEnvironment,
  loadEnvironment,
} from "./load-environment.js";
export type { Logger } from "./logger.js";
export { makeFolder } from "./make-folder.js";
export { mongoUriSetting } from "./mongo-uri-setting.js";
export { type OpenStoreOptions, openStore, type Store } from "./open-store.js";
export { packageVersion } from "./package-version.js";
export { type Environment, parseConfig, parseConfigs } from "./parse-config.js";
export { type ParseJsonOptions, parseJson } from "./parse-json.js";
export { formatQuota, parseQuota, quotaSetting } from "./parse-quota.js";
export { parseRetryAfter } from "./parse-retry-after.js";
export {
  type BudgetStatus,
  type CollectionStatus,
  type ConnectorStatus,
  type ReadStatusOptions,
  type RunStatus,
  readStatus,
  type Status,
} from "./read-status.js";
export { createRedactor, type Redact, redactSecrets } from "./redact-secrets.js";
export {
  createRequestBudget,
  type RequestBudget,
  type RequestBudgetOptions,
} from "./request-budget.js";
export { describeNonJson, type JsonAnswer, requestJson } from "./request-json.js";
export { type RetryRejectedOptions, type RetryReport, retryRejected } from "./retry-rejected.js";
export type { IfRunning } from "./run-connector.js";
export { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";
export type { ConnectorReport, RunEvent, RunReport, StepCounts, StepReport } from "./run-event.js";
export type { RunProgress } from "./run-progress.js";
export { secretValues } from "./secret-values.js";
export { shortenUrl } from "./shorten-url.js";
export { type Sleep, sleep } from "./sleep.js";
export { StoreConnectionError } from "./store-connection-error.js";
export { StoreWriteError } from "./store-write-error.js";
export type { HistoryEntry, RemovedReason, StoredDocument } from "./stored-document.js";
export { textFileSetting } from "./text-file-setting.js";
export { urlSetting } from "./url-setting.js";
export { useStore } from "./use-store.js";
export type { WaitNotice } from "./wait-notice.js";
export { type WaitWhileHeldOptions, waitWhileHeld } from "./wait-while-held.js";
export { GraceOverError } from "./watch-database.js";
