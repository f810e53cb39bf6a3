// For connectors, including the types that their declaration files refer to.

export { type BlockOptions, inBlocks } from "./async/in-blocks.js";
export { collectionSetting } from "./config/collection-setting.js";
export { fileOrUrlListSetting, fileOrUrlSetting, isUrl } from "./config/file-or-url-setting.js";
export { makeFolder } from "./config/make-folder.js";
export { integerSetting, listSetting } from "./config/plain-settings.js";
export { quotaSetting, type RequestQuota } from "./config/quota-setting.js";
export { textFileSetting } from "./config/text-file-setting.js";
export { explainInsecureUrl, urlSetting } from "./config/url-setting.js";
export {
  type CheckContext,
  type CheckpointValue,
  type Connector,
  type DefineStep,
  type EnrichedObject,
  type ExtractContext,
  type ExtractedPage,
  type Facts,
  type Gap,
  type IndexKey,
  type Listing,
  type LoadDocument,
  type NewestRelease,
  type OpenContext,
  type OptionContext,
  OptionError,
  type RestorableDocument,
  type Restore,
  type RunOption,
  type Step,
  type StepDocument,
  type StoredContent,
  type StoreReader,
} from "./connector/connector.js";
export { defineConnector, stepFor } from "./connector/define-connector.js";
export type { AnsweredDemo, DemoUpstream } from "./connector/demo.js";
export { readSourceOption } from "./connector/read-source-option.js";
export type { RemovedReason } from "./connector/stored-document.js";
export { countCurrent } from "./documents/count-current.js";
export { errorTextOf } from "./errors/find-error-text.js";
export { errorCodeOf } from "./errors/inspect-error.js";
export { isDecompressionBomb } from "./files/decompression-bomb.js";
export { explainFileContent } from "./files/file-content-error.js";
export { nameContent } from "./files/name-content.js";
export { readJsonFile } from "./files/read-json-file.js";
export { streamJson } from "./files/stream-json.js";
export { countBytes, isGzip, pipeThrough, readStart, unpackGzip } from "./files/unpack-gzip.js";
export type {
  Conditions,
  HttpClient,
  HttpResponse,
  HttpSettings,
  JsonAnswer,
  NotModified,
  TlsSettings,
  Validators,
} from "./http/http-client.js";
export { HttpConnectionError, HttpStatusError, HttpUrlError } from "./http/http-errors.js";
export { findTlsFaults } from "./http/tls.js";
export { keepMarks, markReplacedBytes } from "./json/altered-values.js";
export { canonicalText } from "./json/canonical-text.js";
export { isJsonObject, type JsonObject, type JsonValue } from "./json/json.js";
export { parseJson } from "./json/parse-json.js";
export type { Logger } from "./log/create-logger.js";
export { affectsEverything } from "./run/affects-everything.js";
export { hideUrlSecrets } from "./secrets/hide-url-secrets.js";
export { redactSecrets } from "./secrets/redact-secrets.js";
export { listsOfIds } from "./store/lists-of-ids.js";
export { decodeUtf8 } from "./text/decode-utf8.js";
export { foldName, foldNames } from "./text/fold-name.js";
export { oneLine, shortenUrl } from "./text/one-line.js";
