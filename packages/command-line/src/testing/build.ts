import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";

/** Compiles what has changed before the first test: the programs that tests start run compiled code. */
export default function build(): void {
  const compiler = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace(/package\.json$/, "bin/tsc");
  const project = fileURLToPath(new URL("../../tsconfig.build.json", import.meta.url));
  execFileSync(execPath, [compiler, "-b", project], { stdio: ["ignore", "inherit", "inherit"] });
}
