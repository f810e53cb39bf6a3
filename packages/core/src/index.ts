export type {
  CollectionSpec,
  Connector,
  ConnectorDefinition,
  EnrichedObject,
  EnrichedValue,
  ExtractContext,
  ExtractedPage,
  IndexSpec,
  Listing,
  LoadDocument,
  Step,
  StepDefinition,
  StoreReader,
  TransformContext,
} from "./connector.js";
export { defineConnector, defineStep } from "./define-connector.js";
export type { HttpClient, HttpRequest, HttpResponse, HttpSettings } from "./http-client.js";
export type { JsonObject, JsonValue } from "./json.js";
export type { Logger } from "./logger.js";
export type { RequestQuota } from "./request-budget.js";
export type { ConnectorReport, RunEvent, RunReport, StepCounts } from "./run-event.js";
