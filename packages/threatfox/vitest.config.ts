export { default } from "../../vitest.servers.js";
