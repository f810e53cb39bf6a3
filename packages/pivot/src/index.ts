export type { AttackDomain, AttackView } from "./attack/attack-view.js";
export { findObjects } from "./attack/find-objects.js";
export type { AttackObject } from "./documents/attack-object.js";
