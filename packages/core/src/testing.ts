// For tests of connectors and of programs that run them.
export { loadDocuments } from "./documents/load-documents.js";
export { alterationsIn } from "./json/altered-values.js";
export { type BreakingPoint, breakOffAt } from "./run/break-off.js";
export { runInTest, type TestRun, type TestRunOptions } from "./run/run-in-test.js";
export { type FoundDocument, readDatabase, storedIn } from "./store/read-database.js";
