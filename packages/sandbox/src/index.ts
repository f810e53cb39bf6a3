export { type Certificates, createCertificates } from "./http/create-certificates.js";
export type { Fault } from "./http/inject-faults.js";
export type { LoggedRequest } from "./http/upstream-env.js";
export type { MongoFault } from "./mongo/mongo-fault.js";
export { startFaultyMongo } from "./mongo/start-faulty-mongo.js";
export { type Sandbox, type SandboxOptions, startSandbox } from "./start-sandbox.js";
export type { TaxiiAuth, TaxiiBehavior } from "./taxii/taxii-behavior.js";
export type { ThreatfoxRecord } from "./threatfox/threatfox-record.js";
