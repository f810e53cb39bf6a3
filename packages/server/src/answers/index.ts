// What the API answers. Browsers use these types, so that nothing here may import what serves them.
export type {
  AttackAnswerJson,
  AttackAnswersJson,
  DetectionsJson,
  ObjectsJson,
  ProceduresJson,
  RelatedJson,
} from "./attack-json.js";
export type { ChangesJson } from "./changes-json.js";
export type { DailyIocsJson, IocsJson, NewFamiliesJson } from "./iocs-json.js";
export type { LayerJson } from "./layer-json.js";
export type {
  IocJson,
  LookupJson,
  ShortAnswerJson,
  SuggestionsJson,
  VulnerabilityJson,
} from "./lookup-json.js";
export type { MatrixJson, ReleasesJson } from "./matrix-json.js";
export type { ProblemJson } from "./problem-json.js";
export type { RejectedJson, StatusJson } from "./status-json.js";
