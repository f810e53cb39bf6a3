// Compiles what has changed since the last build: this app, the packages of the workspace that it depends on, and the web page. Where
// that fails it says why, and sets the exit status.
// Nothing here writes to stdout: with --json that holds the report of the command line alone.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = `${here}dist/`;
const lock = `${here}node_modules/.build-lock`;
const maxBuildMs = 300_000;
const howToInstall = "In the root of the workspace, run: npm run setup";

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

const root = fileURLToPath(new URL("../../", import.meta.url));
const cannotWrite = `The program is not built, or is older than its sources, and nothing can be written in ${root}. As a user who may write there, run: npx pnpm --filter runner build`;

/** @typedef {Readonly<Record<string, string>>} Dependencies Name → version, as in package.json. */

/** @param {Dependencies} dependencies @returns {string | undefined} which package the sources or the build would look for in vain */
function findMissing(dependencies) {
  for (const file of readdirSync(`${here}src`).filter((name) => /(?<!\.test)\.ts$/.test(name))) {
    const imports = readFileSync(`${here}src/${file}`, "utf8").matchAll(
      /(?:^import|from) "((?:@[^/"]+\/)?[^./"][^/"]*)[^"]*";$/gm,
    );
    for (const [, name = ""] of imports) {
      if (!isBuiltin(name) && !(name in dependencies)) {
        return `src/${file} of the runner imports ${name}, which the runner does not depend on. Run: pnpm --filter runner add --workspace ${name}`;
      }
    }
  }
  const missing = Object.keys(dependencies).find(
    (name) => !existsSync(`${here}node_modules/${name}/package.json`),
  );
  return missing && `${missing} is not installed. ${howToInstall}`;
}

/**
 * Writes the project that refers to the dependencies in this workspace, so that nobody has to keep a list of them beside package.json.
 *
 * @param {Dependencies} dependencies
 * @returns {string} its file
 */
function writeProject(dependencies) {
  const file = `${dist}tsconfig.json`;
  const ours = Object.keys(dependencies).filter((name) => dependencies[name]?.startsWith("workspace:"));
  const references = ours.map((name) => {
    const folder = relative(dist, realpathSync(`${here}node_modules/${name}`)).replaceAll("\\", "/");
    return { path: `${folder}/tsconfig.build.json` };
  });
  const text = `${JSON.stringify({ extends: "../tsconfig.build.json", references }, undefined, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    mkdirSync(dist, { recursive: true });
    writeFileSync(file, text);
  }
  return file;
}

/** The web page that the program serves, and its sources. */
const page = fileURLToPath(new URL("../explorer/", import.meta.url));

/** @returns {boolean} whether the page is not built, or older than what it is made of */
function isPageStale() {
  if (!existsSync(`${page}vite.config.ts`)) {
    return false;
  }
  const sources = readdirSync(`${page}src`, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => `src/${name}`);
  const builtAt = statSync(`${page}dist/page/index.html`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return [...sources, "vite.config.ts", "package.json"].some(
    (name) => statSync(`${page}${name}`).mtimeMs > builtAt,
  );
}

/** @param {string} cwd @param {readonly string[]} args the script of a tool, and what it is started with @returns {string | undefined} why it failed */
function runTool(cwd, args) {
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => compilerVariables.test(name))),
  });
  if (error) {
    return `The build did not start: ${error.message}`;
  }
  if (status === 0) {
    return undefined;
  }
  // The compiler panics where it cannot write.
  if (/permission denied|read-only file system/i.test(stdout + stderr)) {
    return cannotWrite;
  }
  process.stderr.write(stdout + stderr);
  return "The build failed: see the lines above.";
}

/** @param {string} compiler @param {Dependencies} dependencies @returns {string | undefined} why it failed */
function build(compiler, dependencies) {
  takeLock();
  try {
    if (!existsSync(`${dist}main.js`)) {
      process.stderr.write("Building …\n");
    }
    const fault = runTool(here, [compiler, "-b", writeProject(dependencies)]);
    return fault ?? (isPageStale() ? runTool(page, ["node_modules/vite/bin/vite.js", "build"]) : undefined);
  } catch (error) {
    if (hasCode(error, "EACCES") || hasCode(error, "EPERM") || hasCode(error, "EROFS")) {
      return cannotWrite;
    }
    throw error;
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
    return `The dependencies are not installed. ${howToInstall}`;
  }
  const { dependencies } = JSON.parse(readFileSync(`${here}package.json`, "utf8"));
  return findMissing(dependencies) ?? build(compiler, dependencies);
}

const fault = prepare();
if (fault !== undefined) {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
}
