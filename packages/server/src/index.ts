export type { AttackAnswerJson } from "./answers/attack-json.js";
export type { LayerJson } from "./answers/layer-json.js";
export type { IocJson, LookupJson, VulnerabilityJson } from "./answers/lookup-json.js";
export type { MatrixJson, ReleasesJson } from "./answers/matrix-json.js";
export type { ProblemJson } from "./answers/problem-json.js";
export { createServerApp, type ServerOptions } from "./create-server-app.js";
