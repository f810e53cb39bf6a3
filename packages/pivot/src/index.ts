export type { AttackDomain, AttackView } from "./attack/attack-view.js";
export { findObjects } from "./attack/find-objects.js";
export type { AttackObject } from "./documents/attack-object.js";
export type { LinkException } from "./links/exceptions.js";
export { linkFamilies } from "./links/link-families.js";
export type {
  FamilyLinks,
  FoundBy,
  LinkableSoftware,
  LinkState,
  MalwareFamily,
  MalwareLink,
  RejectedLink,
  RejectionReason,
} from "./links/malware-link.js";
