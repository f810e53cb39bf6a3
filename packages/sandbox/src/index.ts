export {
  type CertificateOptions,
  type Certificates,
  type CertifiedKey,
  createCertificates,
} from "./http/create-certificates.js";
export type { Fault } from "./http/inject-faults.js";
export type { ServerTls } from "./http/listen.js";
export type { LoggedRequest } from "./http/upstream-env.js";
export type { MongoFault } from "./mongo/mongo-fault.js";
export { type FaultyMongo, startFaultyMongo } from "./mongo/start-faulty-mongo.js";
export type { Sandbox, SandboxOptions } from "./start-sandbox.js";
export { startSandbox } from "./start-sandbox.js";
export type { IgnorableParameter, TaxiiAuth, TaxiiBehavior } from "./taxii/taxii-behavior.js";
export type { ThreatfoxRecord } from "./threatfox/threatfox-record.js";
