// For programs that run connectors.
export { unlessAborted } from "./async/unless-aborted.js";
export { waitWhileHeld } from "./async/wait-while-held.js";
export { type BaseConfig, baseConfig, httpLimitsOf } from "./config/base-config.js";
export { describeConfig, explainSetting, type SettingDescription } from "./config/describe-config.js";
export { durationSetting, parseDuration } from "./config/duration-setting.js";
export { expandPath, resolvePathSettings } from "./config/expand-path.js";
export { type EnvironmentFile, loadEnvironment } from "./config/load-environment.js";
export { ConfigError, type Environment, parseConfig, parseConfigs } from "./config/parse-config.js";
export { parseQuota, type RequestQuota } from "./config/quota-setting.js";
export { readSecretFiles } from "./config/secret-files.js";
export { secretValues } from "./config/secret-values.js";
export { isLoopback } from "./config/url-setting.js";
export { askDemo, type DemoAnswer, findDemoFaults } from "./connector/ask-demo.js";
export { checkCollections, checkSettings } from "./connector/check-claims.js";
export {
  type ConfiguredConnector,
  configureConnector,
  type RunOptionValues,
} from "./connector/configure-connector.js";
export type { Connector } from "./connector/connector.js";
export { pathsFrom } from "./connector/paths-from.js";
export { findOutdated, type OutdatedCollection } from "./documents/find-outdated.js";
export { isProgrammingError } from "./errors/inspect-error.js";
export { createHttpClient } from "./http/create-http-client.js";
export type { HttpLimits } from "./http/http-client.js";
export { createLogger } from "./log/create-logger.js";
export { formatLogLine } from "./log/format-log-line.js";
export { listRejected, type RejectedList } from "./quarantine/list-rejected.js";
export { type RetryReport, retryRejected } from "./quarantine/retry-rejected.js";
export type { IfRunning } from "./run/connector-run.js";
export { logEvent } from "./run/log-event.js";
export { type RunConnectorsOptions, runConnectors } from "./run/run-connectors.js";
export {
  type ConnectorReport,
  type RunEvent,
  type RunReport,
  type StepCounts,
  type StepReport,
  stepCounts,
} from "./run/run-event.js";
export {
  type ConnectorProgress,
  type ConnectorWait,
  noProgress,
  type RunPosition,
  type RunProgress,
  reduceProgress,
  type StepProgress,
} from "./run/run-progress.js";
export { createRedactor, type Redact } from "./secrets/redact-secrets.js";
export { findSettledTime } from "./status/find-settled-time.js";
export { readDataStamp } from "./status/read-data-stamp.js";
export { type DataState, readDataState } from "./status/read-data-state.js";
export { isCompleteLoad, type Outcomes, readOutcomes } from "./status/read-outcomes.js";
export { type ConnectorStatus, type RunStatus, readStatus, type Status } from "./status/read-status.js";
export { createNotificationState } from "./store/notification-state.js";
export { openStore, type Store } from "./store/open-store.js";
export { useStore } from "./store/use-store.js";
export { GraceOverError } from "./store/watch-database.js";
export { StoreError } from "./store/with-store-retry.js";
