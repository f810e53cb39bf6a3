export { createServerApp, type ServerOptions } from "./create-server-app.js";
