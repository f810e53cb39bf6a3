export { withoutCheckpointOf } from "../trial/break-off.js";
export type { ConformanceSubject, SubjectUpstream } from "../trial/subject.js";
export { describeConformance } from "./describe-conformance.js";
