// The server's thread where the sources run, as in tests. A thread cannot load TypeScript, and a loader would take it a
// second; so the sources are bundled, once for each state of them.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const source = fileURLToPath(new URL("..", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/server-thread/", import.meta.url));

/** @returns {string} another one whenever a source has changed */
function stateOfSources() {
  const hash = createHash("sha256");
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (name.endsWith(".ts")) {
      const { mtimeMs, size } = statSync(join(source, name));
      hash.update(`${name} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** @param {string} file */
async function bundle(file) {
  const { build } = await import("esbuild");
  mkdirSync(cache, { recursive: true });
  const written = `${file}.${randomUUID()}`;
  await build({
    entryPoints: [join(source, "server", "server-thread.ts")],
    outfile: written,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
  renameSync(written, file);
  removeOld();
}

/** Another process may be about to load a bundle that it has just found. */
function removeOld() {
  for (const path of readdirSync(cache).map((name) => join(cache, name))) {
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modified > 3_600_000) {
      rmSync(path, { force: true });
    }
  }
}

const file = join(cache, `${stateOfSources()}.mjs`);
if (!existsSync(file)) {
  await bundle(file);
}
await import(pathToFileURL(file).href);
