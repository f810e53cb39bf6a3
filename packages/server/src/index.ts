export { createStatusSource, type StatusSource } from "./api/status-routes.js";
export { createServerApp, type ServerOptions } from "./create-server-app.js";
export { refuseOtherNames } from "./protection/refuse-other-names.js";
