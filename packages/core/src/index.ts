export { type Sleep, sleep } from "./async/sleep.js";
export { type WaitWhileHeldOptions, waitWhileHeld } from "./async/wait-while-held.js";
export type { BudgetLedger, BudgetState } from "./budget/budget-ledger.js";
export {
  createRequestBudget,
  type RequestBudget,
  type RequestBudgetOptions,
} from "./budget/request-budget.js";
export type { WaitNotice } from "./budget/wait-notice.js";
export { type BaseConfig, baseConfig } from "./config/base-config.js";
export { ConfigError, type ConfigFault } from "./config/config-error.js";
export { databaseNameSetting } from "./config/database-name-setting.js";
export { describeConfig, type SettingDescription } from "./config/describe-config.js";
export { explainInsecureUrl } from "./config/explain-insecure-url.js";
export { integerSetting } from "./config/integer-setting.js";
export { isLoopback } from "./config/is-loopback.js";
export { listSetting } from "./config/list-setting.js";
export {
  type EnvironmentFile,
  type EnvironmentSources,
  type LoadedEnvironment,
  loadEnvironment,
} from "./config/load-environment.js";
export { makeFolder } from "./config/make-folder.js";
export { mongoUriSetting } from "./config/mongo-uri-setting.js";
export { type Environment, parseConfig, parseConfigs } from "./config/parse-config.js";
export { formatQuota, parseQuota, quotaSetting, type RequestQuota } from "./config/parse-quota.js";
export { secretValues } from "./config/secret-values.js";
export { textFileSetting } from "./config/text-file-setting.js";
export { urlSetting } from "./config/url-setting.js";
export {
  type ConfiguredConnector,
  type ConfiguredStep,
  configureConnector,
} from "./connector/configure-connector.js";
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
  OpenContext,
  Step,
  StepDefinition,
  StoredContent,
  StoreReader,
  TransformContext,
} from "./connector/connector.js";
export { defineConnector, defineStep } from "./connector/define-connector.js";
export type { HistoryEntry, RemovedReason, StoredDocument } from "./connector/stored-document.js";
export { canonicalText } from "./documents/content-hash.js";
export { IndexConflictError } from "./documents/ensure-indexes.js";
export { RemovalsRefusedError } from "./documents/guard-removals.js";
export { type LoadOptions, type LoadResult, loadDocuments } from "./documents/load-documents.js";
export { createHttpClient, type HttpClientOptions } from "./http/create-http-client.js";
export { findTlsFaults, type TlsFault } from "./http/find-tls-faults.js";
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
} from "./http/http-client.js";
export { HttpConnectionError } from "./http/http-connection-error.js";
export { HttpStatusError } from "./http/http-status-error.js";
export { HttpUrlError } from "./http/http-url-error.js";
export { isDecompressionBomb } from "./http/is-decompression-bomb.js";
export { packageVersion } from "./http/package-version.js";
export { parseRetryAfter } from "./http/parse-retry-after.js";
export { describeNonJson, type JsonAnswer, requestJson } from "./http/request-json.js";
export { alterationsIn, markInexactNumber, markReplacedBytes } from "./json/altered-values.js";
export { isExactNumber } from "./json/is-exact-number.js";
export type { JsonObject, JsonValue } from "./json/json.js";
export { type ParseJsonOptions, parseJson } from "./json/parse-json.js";
export { createLogger, type LogFormat, type LoggerOptions, type LogLevel } from "./log/create-logger.js";
export type { Logger } from "./log/logger.js";
export {
  type ListRejectedOptions,
  listRejected,
  type RejectedEntry,
  type RejectedList,
} from "./quarantine/list-rejected.js";
export { type RetryRejectedOptions, type RetryReport, retryRejected } from "./quarantine/retry-rejected.js";
export { affectsEverything } from "./run/affects-everything.js";
export {
  type BudgetStatus,
  type CollectionStatus,
  type ConnectorStatus,
  type ReadStatusOptions,
  type RunStatus,
  readStatus,
  type Status,
} from "./run/read-status.js";
export type { IfRunning } from "./run/run-connector.js";
export { type RunConnectorsOptions, runConnectors } from "./run/run-connectors.js";
export type { ConnectorReport, RunEvent, RunReport, StepCounts, StepReport } from "./run/run-event.js";
export type { RunProgress } from "./run/run-progress.js";
export { hideUrlSecrets } from "./secrets/hide-url-secrets.js";
export { createRedactor, type Redact, redactSecrets } from "./secrets/redact-secrets.js";
export { LeaseHeldError } from "./store/lease.js";
export { type OpenStoreOptions, openStore, type Store } from "./store/open-store.js";
export { StoreConnectionError } from "./store/store-connection-error.js";
export { StoreWriteError } from "./store/store-write-error.js";
export { useStore } from "./store/use-store.js";
export { GraceOverError } from "./store/watch-database.js";
export { type DecodedText, decodeUtf8 } from "./text/decode-utf8.js";
export { errorTextOf, findErrorText } from "./text/find-error-text.js";
export { shortenUrl } from "./text/shorten-url.js";
