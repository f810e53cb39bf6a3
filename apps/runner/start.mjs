// Builds the workspace where that is due, then runs the command line in this same process.
// Nothing here writes to stdout: with --json that holds the report alone.
//
// The package script gives V8 two flags. A page lives for a second, and left alone V8 lets such garbage pile up to
// hundreds of megabytes on a large machine before it collects it. Set from here they come too late to have full effect.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const lock = `${here}node_modules/.build-lock`;
const maxBuildMs = 300_000;

/** @returns {boolean} whether this Node is one of `engines` */
function isNodeSupported() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** @returns {string | undefined} the compiler's script; undefined where dependencies are not installed */
function findCompiler() {
  try {
    createRequire(new URL("../../packages/command-line/package.json", import.meta.url)).resolve("commander");
    const root = createRequire(new URL("../../package.json", import.meta.url));
    return root.resolve("typescript/package.json").replace(/package\.json$/, "bin/tsc");
  } catch {
    return undefined;
  }
}

/** @param {unknown} error @param {string} code @returns {boolean} */
function hasCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}

/** @returns {boolean} whether whoever took the lock is gone, or has held it for longer than a build takes */
function isLockStale() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > maxBuildMs) {
      return true;
    }
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return false;
  } catch (error) {
    return hasCode(error, "ESRCH");
  }
}

/** Waits until no other start is building, so that none reads what is half-written. Where nothing can be written, none is. */
function takeLock() {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) {
        return;
      }
      if (isLockStale()) {
        rmSync(lock, { force: true });
      } else {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
    }
  }
}

/** The compiler needs no settings, and the environment of a process is not as private as its memory. */
const compilerVariables =
  /^(?:PATH|PATHEXT|HOME|USERPROFILE|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|LANG|LC_ALL|TERM|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|NODE_V8_COVERAGE)$/i;

/**
 * Compiles what has changed since the last build: this app and the packages that it refers to.
 *
 * @param {string} compiler
 * @returns {string | undefined} why it failed
 */
function build(compiler) {
  takeLock();
  try {
    if (!existsSync(`${here}dist/main.js`)) {
      process.stderr.write("Building …\n");
    }
    const { status, error } = spawnSync(process.execPath, [compiler, "-b", `${here}tsconfig.build.json`], {
      stdio: ["ignore", 2, 2],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => compilerVariables.test(name))),
    });
    if (error) {
      return `The build did not start: ${error.message}`;
    }
    return status === 0 ? undefined : "The build failed: see the lines above.";
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @returns {string | undefined} why the command line cannot run */
function prepare() {
  if (!isNodeSupported()) {
    return `Node ${process.versions.node} is too old: this needs Node 20.19 or newer (https://nodejs.org).`;
  }
  const compiler = findCompiler();
  if (compiler === undefined) {
    return "The dependencies are not installed. In the root of the workspace, run: npx pnpm@10 install";
  }
  return build(compiler);
}

const fault = prepare();
if (fault === undefined) {
  await import("./dist/main.js");
} else {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
}
