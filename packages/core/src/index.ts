export { sleep } from "./async/sleep.js";
export { waitWhileHeld } from "./async/wait-while-held.js";
export { type BaseConfig, baseConfig } from "./config/base-config.js";
export { describeConfig, type SettingDescription } from "./config/describe-config.js";
export { type EnvironmentFile, loadEnvironment } from "./config/load-environment.js";
export { makeFolder } from "./config/make-folder.js";
export { ConfigError, type Environment, parseConfig, parseConfigs } from "./config/parse-config.js";
export { integerSetting, listSetting } from "./config/plain-settings.js";
export { parseQuota, quotaSetting, type RequestQuota } from "./config/quota-setting.js";
export { secretValues } from "./config/secret-values.js";
export { textFileSetting } from "./config/text-file-setting.js";
export { explainInsecureUrl, urlSetting } from "./config/url-setting.js";
export { checkCollections } from "./connector/check-collections.js";
export type {
  CollectionSpec,
  Connector,
  EnrichedObject,
  ExtractContext,
  ExtractedPage,
  Facts,
  IndexSpec,
  Listing,
  LoadDocument,
  OpenContext,
  Step,
  StoredContent,
  StoreReader,
} from "./connector/connector.js";
export {
  type ConfiguredConnector,
  configureConnector,
  defineConnector,
  defineStep,
} from "./connector/define-connector.js";
export type { RemovedReason } from "./connector/stored-document.js";
export { canonicalText } from "./documents/content-hash.js";
export { RemovalsRefusedError } from "./documents/guard-removals.js";
export { loadDocuments } from "./documents/load-documents.js";
export { errorTextOf } from "./errors/find-error-text.js";
export { errorCodeOf, isProgrammingError } from "./errors/inspect-error.js";
export { createHttpClient } from "./http/create-http-client.js";
export type {
  Download,
  HttpClient,
  HttpLimits,
  HttpRequest,
  HttpResponse,
  HttpSettings,
  TlsSettings,
} from "./http/http-client.js";
export { HttpConnectionError, HttpStatusError, HttpUrlError } from "./http/http-errors.js";
export { isDecompressionBomb } from "./http/read-limited-body.js";
export { describeNonJson, type JsonAnswer, requestJson } from "./http/request-json.js";
export { findTlsFaults } from "./http/tls.js";
export { alterationsIn, markInexactNumber, markReplacedBytes } from "./json/altered-values.js";
export { isExactNumber } from "./json/is-exact-number.js";
export { isJsonObject, type JsonObject, type JsonValue } from "./json/json.js";
export { type ParseJsonOptions, parseJson } from "./json/parse-json.js";
export { createLogger, type Logger } from "./log/create-logger.js";
export { listRejected, type RejectedList } from "./quarantine/list-rejected.js";
export { type RetryReport, retryRejected } from "./quarantine/retry-rejected.js";
export { affectsEverything } from "./run/affects-everything.js";
export { type ConnectorStatus, type RunStatus, readStatus, type Status } from "./run/read-status.js";
export type { IfRunning } from "./run/run-connector.js";
export { type RunConnectorsOptions, runConnectors } from "./run/run-connectors.js";
export type { ConnectorReport, RunEvent, RunReport, StepCounts, StepReport } from "./run/run-event.js";
export {
  type ConnectorProgress,
  type ConnectorWait,
  noProgress,
  type RunPosition,
  type RunProgress,
  reduceProgress,
  type StepProgress,
} from "./run/run-progress.js";
export { hideUrlSecrets } from "./secrets/hide-url-secrets.js";
export { createRedactor, type Redact, redactSecrets } from "./secrets/redact-secrets.js";
export { listsOfIds } from "./store/lists-of-ids.js";
export { openStore, type Store, StoreConnectionError } from "./store/open-store.js";
export { useStore } from "./store/use-store.js";
export { GraceOverError } from "./store/watch-database.js";
export { StoreError } from "./store/with-store-retry.js";
export { decodeUtf8 } from "./text/decode-utf8.js";
export { oneLine, shortenUrl } from "./text/one-line.js";
