import { argv, cwd, env } from "node:process";
import { develop } from "./develop.js";

process.exitCode = await develop(argv.slice(2), { folder: cwd(), environment: env });
