export { type AttackDomain, type AttackView, collectionIds } from "./attack/attack-view.js";
export { attackDomains, type DomainView, domainNames, openView } from "./attack/domain-view.js";
export { type Analytic, findAnalyticsOf, findStrategiesOf, type LogSource } from "./attack/find-analytics.js";
export { findAssetsOf, findTechniquesTargeting } from "./attack/find-assets.js";
export { findDataComponentsOf, findDataSourcesOf } from "./attack/find-data-components.js";
export { type DetectionStrategy, type Detections, findDetectionsOf } from "./attack/find-detections.js";
export { type DomainReleases, findDomainReleases } from "./attack/find-domain-releases.js";
export { findMitigationsOf, findTechniquesMitigatedBy } from "./attack/find-mitigations.js";
export { type AttackSubject, findObjects, findObjectsByName } from "./attack/find-objects.js";
export type { AttackName, AttackRelationship, RelatedObject } from "./attack/find-related.js";
export type { Suggestion } from "./attack/find-similar-names.js";
export { findParentOf, findSubTechniquesOf } from "./attack/find-sub-techniques.js";
export { findTactics } from "./attack/find-tactics.js";
export {
  findTechniquesByDataComponent,
  findTechniquesByPlatform,
  findTechniquesByTactic,
  findTechniquesDetectedBy,
} from "./attack/find-techniques.js";
export {
  findCampaignsOf,
  findGroupsOf,
  findProcedureExamples,
  findSoftwareOf,
  findTechniquesOf,
  findUsersOf,
  type UsersOptions,
  type UsesOptions,
} from "./attack/find-uses.js";
export { followRevoked } from "./attack/follow-revoked.js";
export {
  type ListedAttackObject,
  type ListObjectsOptions,
  listObjects,
  type ObjectPage,
} from "./attack/list-objects.js";
export { type AttackObjectType, objectTypes } from "./attack/object-types.js";
export {
  type AttackMatrix,
  type MatrixTactic,
  type MatrixTechnique,
  readMatrix,
} from "./attack/read-matrix.js";
export type { AttackObject } from "./documents/attack-object.js";
export type { Citation } from "./documents/attack-relationship.js";
export type { BriefIoc } from "./documents/brief-ioc.js";
export type { FoundIoc } from "./documents/found-ioc.js";
export type { MalwareFamily } from "./documents/stored-family.js";
export type {
  FamilyLinks,
  FoundBy,
  LinkState,
  MalwareLink,
  RejectedLink,
  RejectionReason,
} from "./documents/stored-links.js";
export {
  countDailyIocs,
  type DailyIocs,
  type DailyIocsOptions,
  type IocSeries,
} from "./iocs/count-daily-iocs.js";
export {
  type CountDay,
  countIocsOfDays,
  countRecentIocs,
  type RecentIocCount,
  type TimeSpan,
} from "./iocs/count-recent-iocs.js";
export { findNewFamilies, type NewFamiliesOptions, type NewFamily } from "./iocs/find-new-families.js";
export { type IocPage, type IocPosition, type ListIocsOptions, listIocs } from "./iocs/list-iocs.js";
export { type ChangesLayerOptions, createChangesLayer } from "./layers/changes-layer.js";
export { createGroupsLayer } from "./layers/groups-layer.js";
export { createIocsLayer, type IocsLayerOptions } from "./layers/iocs-layer.js";
export { findLayerSubjects, type LayerSubject, LayerSubjectError } from "./layers/layer-subject.js";
export type {
  LayerGradient,
  LayerLink,
  LayerMetadata,
  LayerTechnique,
  LegendItem,
  NavigatorLayer,
} from "./layers/navigator-layer.js";
export { createUsageLayer, findUsageDomain } from "./layers/usage-layer.js";
export type { LinkException } from "./links/exceptions.js";
export type { FoundFamily } from "./links/find-families.js";
export { findLinks, type LinkSelection } from "./links/find-links.js";
export { linkFamilies } from "./links/link-families.js";
export { walkFamiliesOfIocs } from "./links/read-families.js";
export type { LinkableSoftware } from "./links/read-software.js";
export { malwareLinks } from "./links-connector.js";
export { type AttackAnswer, answerAttack, findTechniquesFor } from "./lookup/answer-attack.js";
export type { AnalyticSummary } from "./lookup/answer-detection.js";
export type { AttackSummary } from "./lookup/attack-summary.js";
export { type CompleteTermOptions, completeTerm } from "./lookup/complete-term.js";
export type { FoundIocs, IocCount } from "./lookup/find-iocs.js";
export { type FoundVulnerability, findVulnerabilities } from "./lookup/find-vulnerabilities.js";
export { type LookUpOptions, type LookupAnswer, lookUp } from "./lookup/look-up.js";
export { type LookUpManyOptions, lookUpMany, type ShortAnswer } from "./lookup/look-up-many.js";
export type { LookupPlace } from "./lookup/lookup-place.js";
export { parseTerm, type Reading, type Term } from "./term/parse-term.js";
