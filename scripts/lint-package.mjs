// Packs the package in the current folder as it would be published, and checks the tarball: publint for its manifest and files,
// attw for how its types resolve. Needs the package to be built.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process, { execPath } from "node:process";
import { fileURLToPath } from "node:url";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const work = mkdtempSync(join(tmpdir(), "lint-package-"));
const tarball = join(work, "package.tgz");

/** What it prints is shown only if it fails. */
function run(tool, ...args) {
  const script = fileURLToPath(new URL(`../node_modules/${tool}`, import.meta.url));
  const { status, stdout, stderr, error } = spawnSync(execPath, [script, ...args], { encoding: "utf8" });
  if (status !== 0) {
    console.error(`${stdout}${stderr}${error ?? ""}`);
    process.exitCode = 1;
  }
  return status === 0;
}

try {
  // Built already: prepack would do it again.
  if (run("pnpm/bin/pnpm.cjs", "pack", "--config.ignore-scripts=true", "--out", tarball)) {
    run("publint/src/cli.js", "run", tarball, "--strict");
    // A program without exports has no types.
    if (exports !== undefined) {
      run("@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only");
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
