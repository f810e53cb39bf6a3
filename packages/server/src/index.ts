export { createServerApp, type ServerOptions } from "./create-server-app.js";
export { refuseOtherNames } from "./protection/refuse-other-names.js";
