import { argv } from "node:process";
import { runCommandLine } from "../../src/index.js";
import { program } from "../../src/testing/program.js";

await runCommandLine({ ...program, folder: argv[1] ?? "" });
