export { cisaKev } from "./cisa-kev.js";
