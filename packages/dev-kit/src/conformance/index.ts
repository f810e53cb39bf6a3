export type { ConformanceSubject, SubjectUpstream } from "../trial/subject.js";
export { describeConformance } from "./describe-conformance.js";
