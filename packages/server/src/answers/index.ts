// What the API answers. Browsers use these types, so that nothing here may import what serves them.
export type { AttackAnswerJson } from "./attack-json.js";
export type { LayerJson } from "./layer-json.js";
export type { IocJson, LookupJson, VulnerabilityJson } from "./lookup-json.js";
export type { MatrixJson, ReleasesJson } from "./matrix-json.js";
export type { ProblemJson } from "./problem-json.js";
