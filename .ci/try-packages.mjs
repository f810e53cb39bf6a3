// What a stranger gets: publishes every package to a registry on loopback, and uses them from there with npm, outside of the workspace.
//
//   node --conditions=@cti-connectors/source --import tsx .ci/try-packages.mjs FOLDER
//
// FOLDER (created if it is missing) gets the projects. Needs the workspace's dependencies installed, and npm's cache or registry for those
// of the packages. Exit status: 0 all passed; 1 something did not, as the last lines say.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process, { argv, env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmbeddedMongo } from "../packages/embedded-mongo/src/index.js";
import { serveRegistry } from "../packages/repository/src/testing/loopback-registry.js";
import { serveOnLoopback, startSandbox } from "../packages/sandbox/src/index.js";
import { connectorNames } from "../turbo/generators/connector-names.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(argv[2] ?? "");
const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** The manifest of each package that is published. */
const packages = ["packages", "apps"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
  .map((path) => read(`${path}/package.json`))
  .filter((manifest) => manifest.private !== true);

/** The environment of somebody who is in no workspace. */
const stranger = Object.fromEntries(
  Object.entries(env).filter(
    ([name]) => !/^(?:npm_(?!config_(?:registry|cache))|pnpm_|node_options$)/i.test(name),
  ),
);

async function start(cwd, command, args, more = {}) {
  try {
    return await run(command, args, { cwd, env: { ...stranger, ...more }, maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")} in ${cwd} failed:\n${error.stdout}${error.stderr}`);
  }
}

const npm = (cwd, ...args) =>
  start(cwd, "npm", [...args, "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]);

function write(to, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), content);
  }
}

/** An empty project whose npm finds our packages on the loopback registry, and all others where it always does. */
function newProject(name, { url }, manifest = {}) {
  const project = join(folder, name);
  write(project, {
    "package.json": JSON.stringify({ name, private: true, type: "module", ...manifest }),
    ".npmrc": `@cti-connectors:registry=${url}\n`,
  });
  return project;
}

async function publishAll({ url, published }) {
  const userconfig = join(folder, "npmrc");
  write(folder, {
    npmrc: `registry=${url}
${url.replace("http:", "")}:_authToken=token-of-the-test
`,
  });
  const pnpm = join(root, "node_modules/pnpm/bin/pnpm.cjs");
  await start(root, execPath, [pnpm, "-r", "publish", "--no-git-checks", "--access", "public"], {
    npm_config_registry: url,
    npm_config_userconfig: userconfig,
  });
  if (published.length !== packages.length) {
    throw new Error(`Published: ${published.join(", ")}`);
  }
}

/** `npx` as the README says, in an empty folder with an empty home. */
async function tryDemo(registry) {
  const project = newProject("demo", registry);
  const { stdout } = await start(project, "npx", ["--yes", "@cti-connectors/runner", "--demo"], {
    XDG_DATA_HOME: join(project, "data"),
    // In its usual cache, npx keeps what an earlier run of this script has installed under the same versions.
    npm_config_cache: join(project, "cache"),
  });
  if (!/threatfox: ok/.test(stdout)) {
    throw new Error(`The demo loaded nothing:\n${stdout}`);
  }
}

async function installAll(project) {
  await npm(
    project,
    ...["install", ...packages.map(({ name }) => name)],
    ...["mongodb", "zod", "vitest", "typescript@5", "@types/node@20"],
  );
}

/** The TypeScript samples of a README that stand alone. What core's second sample needs is in its first. */
function samplesOf({ name, repository: { directory } }) {
  const short = name.replace("@cti-connectors/", "");
  const readme = readFileSync(join(root, directory, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code]) => code)
    .filter((code) => code.startsWith("import ") && !code.includes('from "../'));
  const samples = short === "core" ? [blocks.join("\n")] : blocks;
  return samples.map((code, n) => ({ name: `${short}-${n + 1}`, code }));
}

/** Upstreams and a database for the samples, and where the samples look for them. */
async function serveSamples() {
  const sandbox = await startSandbox();
  const mongo = await startEmbeddedMongo();
  const acme = await serveOnLoopback(() =>
    Response.json({ advisories: [{ id: "a", published: "2026-11-27" }] }),
  );
  const settings = {
    ...{ MONGO_URI: mongo.uri, ACME_URL: acme.url, TAXII_URL: sandbox.taxiiUrl },
    ...{
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
    },
  };
  return {
    settings,
    place: (code) =>
      code
        .replaceAll(/mongodb:\/\/127\.0\.0\.1:27017\/?/g, mongo.uri)
        .replaceAll("https://threatfox-api.abuse.ch/api/v1/", sandbox.threatfoxUrl),
    close: () => Promise.all([sandbox.close(), mongo.close(), acme.close()]),
  };
}

/** The file that taxii-server's sample serves. */
const sampleBundle = {
  type: "bundle",
  id: "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",
  objects: [
    {
      type: "ipv4-addr",
      spec_version: "2.1",
      id: "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
      value: "198.51.100.3",
    },
  ],
};

/** What a sample must print, or fail with, where it prints something. */
const expected = {
  "mitre-taxii-1": /Enterprise ATT&CK: \d+ tools/,
  // The sandbox has other releases than the sample asks for.
  "mitre-taxii-3": /Release 17\.1 is not stored/,
  "taxii-server-1": /ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd/,
  "sandbox-1": /502|Bad Gateway|api_roots|title/,
  "sandbox-2": /http:\/\/127\.0\.0\.1:\d+/,
  "threatfox-1": /domain/,
  "pivot-1": /T1059\.001 PowerShell.*SolarWinds Compromise.*mitigated by M1038/s,
  "server-1": /"found":true.*PowerShell/s,
  "command-line-1": /^\d+\.\d+\.\d+$/m,
};

async function runSample(project, { name, settings }) {
  const args = [`dist-nodenext/${name}.js`, "--version"];
  const { stdout = "", stderr = "" } = await run(execPath, args, {
    cwd: project,
    env: { ...stranger, ...settings },
    timeout: 60_000,
  }).catch((error) => {
    if (expected[name]?.test(error.stderr)) {
      return error;
    }
    throw new Error(`The sample ${name} failed:\n${error.stdout}${error.stderr}`);
  });
  if (expected[name]?.test(stdout + stderr) === false) {
    throw new Error(`The sample ${name} did not print ${expected[name]}:\n${stdout}${stderr}`);
  }
}

/** Compiles the samples of all READMEs as strangers configure it, and runs them. */
async function trySamples(project) {
  const { settings, place, close } = await serveSamples();
  try {
    await start(project, "npx", ["cti-connectors", "run", "mitre-taxii", "threatfox"], settings);
    const samples = packages.flatMap(samplesOf);
    write(project, { "bundle.json": JSON.stringify(sampleBundle) });
    write(project, Object.fromEntries(samples.map(({ name, code }) => [`src/${name}.ts`, place(code)])));
    const tsc = join(project, "node_modules/typescript/bin/tsc");
    const compile = (module, moduleResolution) =>
      start(project, execPath, [
        ...[tsc, "--module", module, "--moduleResolution", moduleResolution, "--outDir", `dist-${module}`],
        ...["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--target", "es2023"],
        ...["--types", "node", ...samples.map(({ name }) => `src/${name}.ts`)],
      ]);
    await Promise.all([compile("nodenext", "nodenext"), compile("esnext", "bundler")]);
    for (const { name } of samples) {
      await runSample(project, { name, settings });
    }
    console.log(`  ${samples.map(({ name }) => name).join(", ")}`);
  } finally {
    await close();
  }
}

/** Loads every entry point with `require`. Vitest cannot be loaded so, nor can what describes tests with it; `answers` has types alone. */
async function tryRequire(project) {
  const names = packages
    .flatMap(({ name, publishConfig: { exports = {} } }) =>
      Object.keys(exports).map((path) => `${name}${path.slice(1)}`),
    )
    .filter(
      (name) => !/embedded-mongo\/testing|dev-kit\/(?:conformance|describe)|server\/answers/.test(name),
    );
  const code = names.map(
    (name) => `if (Object.keys(require("${name}")).length === 0) throw Error("${name}");`,
  );
  await start(project, execPath, ["--no-warnings", "--input-type=commonjs", "--eval", code.join("\n")]);
  console.log(`  ${names.join(", ")}`);
}

/** A connector in a repository of its own: what `pnpm new-connector` makes, without this workspace around it. */
async function tryConnector(registry) {
  const project = newProject("acme-feed", registry, {
    exports: "./src/index.ts",
    scripts: { dev: "connector-dev", test: "vitest run" },
  });
  const template = join(root, "turbo/generators/templates/connector");
  for (const part of ["src", "test"]) {
    cpSync(join(template, part), join(project, part), { recursive: true });
  }
  const names = { name: "acme-feed", ...connectorNames("acme-feed") };
  const fill = (text) => text.replaceAll(/\{\{ ?(\w+) ?\}\}/g, (_, name) => names[name]);
  for (const entry of readdirSync(project, { recursive: true, withFileTypes: true })) {
    if (entry.name.endsWith(".hbs")) {
      const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
      write(entry.parentPath, { [fill(entry.name).replace(/\.hbs$/, "")]: fill(text) });
    }
  }
  await npm(project, "install", "@cti-connectors/core", "zod");
  await npm(project, "install", "--save-dev", "@cti-connectors/dev-kit", "@cti-connectors/sandbox", "vitest");
  const { stdout } = await npm(project, "run", "dev");
  if (!stdout.includes("acme-feed: ok")) {
    throw new Error(`connector-dev loaded nothing:\n${stdout}`);
  }
  await npm(project, "test");
}

/** @returns {Promise<void>} after the work, which others may need */
async function check(name, work) {
  const began = Date.now();
  const outcome = await work().then(
    () => "passed",
    (error) => `failed\n${error.message}`,
  );
  console.log(`${name}: ${outcome} (${Math.round((Date.now() - began) / 1000)} s)`);
  if (outcome !== "passed") {
    process.exitCode = 1;
  }
}

const registry = await serveRegistry();
try {
  await check("publish every package", () => publishAll(registry));
  console.log(registry.published.map((name) => `  ${name}`).join("\n"));
  await check("npx @cti-connectors/runner --demo", () => tryDemo(registry));
  const project = newProject("samples", registry);
  await check("npm install of every package", () => installAll(project));
  await check("the samples of the READMEs", () => trySamples(project));
  await check("require() of every entry point", () => tryRequire(project));
  await check("a connector in a repository of its own", () => tryConnector(registry));
} finally {
  await registry.close();
}
