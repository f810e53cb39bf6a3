export type { Fault } from "./fault.js";
export type { LoggedRequest, Sandbox, SandboxOptions } from "./start-sandbox.js";
export { startSandbox } from "./start-sandbox.js";
