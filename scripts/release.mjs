// Publishes every public package whose version is not on the registry yet. What is released was tested on main before.
//
//   pnpm release
//
// Exit status: 0 published; 1 nothing was published, or not everything: the last lines say why, and what to do.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process, { execPath } from "node:process";

/** Folder, name and version of each package that is published. */
const packages = ["packages", "apps"]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((folder) => existsSync(join(folder, "package.json")))
  .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
  .filter((manifest) => manifest.private !== true);

function git(...args) {
  const { status, stdout, stderr } = spawnSync("git", args, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`git ${args.join(" ")} failed: ${stderr}`);
  }
  return stdout.trim();
}

/** What the commit does not allow; undefined if it can be released. */
function findFault() {
  const waiting = readdirSync(".changeset").filter((name) => name.endsWith(".md") && name !== "README.md");
  if (waiting.length > 0) {
    return `Changesets are waiting: ${waiting.join(", ")}. Run: pnpm version-packages. Then commit, and merge that into main.`;
  }
  const unversioned = packages.filter(({ version }) => version === "0.0.0").map(({ name }) => name);
  if (unversioned.length > 0) {
    return `${unversioned.join(", ")} has the version 0.0.0. Run: pnpm changeset, then: pnpm version-packages.`;
  }
  const branch = git("branch", "--show-current");
  if (branch !== "main") {
    return `This is ${branch === "" ? "no branch" : `the branch ${branch}`}: releases are made from main. Run: git switch main`;
  }
  const changed = git("status", "--porcelain");
  return changed === "" ? undefined : `These files are not committed:\n${changed}\nCommit or discard them.`;
}

/** The registry that pnpm would publish to. */
function findRegistry() {
  const pnpm = join("node_modules", "pnpm", "bin", "pnpm.cjs");
  const { stdout } = spawnSync(execPath, [pnpm, "config", "get", "registry"], { encoding: "utf8" });
  return stdout.trim();
}

/** @returns {Promise<boolean>} whether the registry has this version */
async function isPublished({ name, version }, registry) {
  const url = new URL(name.replace("/", "%2f"), registry);
  const response = await fetch(url).catch((cause) => {
    throw new Error(
      `${registry} cannot be reached (${cause.cause?.code ?? cause.message}): nothing was published.`,
      { cause },
    );
  });
  if (response.status === 404) {
    return false;
  }
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: nothing was published. Try again later.`);
  }
  return version in (await response.json()).versions;
}

function run(registry, script, ...args) {
  const { status } = spawnSync(execPath, [join("node_modules", ...script.split("/")), ...args], {
    stdio: "inherit",
    // Changesets asks and publishes to npm's registry if this is not set, whatever .npmrc says.
    env: { ...process.env, npm_config_registry: registry },
  });
  return status === 0;
}

/** @returns {Promise<string | undefined>} why nothing, or not everything, was published */
async function release() {
  const fault = findFault();
  if (fault !== undefined) {
    return fault;
  }
  const registry = findRegistry();
  const are = await Promise.all(packages.map((manifest) => isPublished(manifest, registry)));
  const due = packages.filter((_, index) => !are[index]);
  if (due.length === 0) {
    return `${registry} has every version already. Add a changeset (pnpm changeset), then run: pnpm version-packages.`;
  }
  console.log(
    `Publishing to ${registry}:\n${due.map(({ name, version }) => `  ${name} ${version}`).join("\n")}`,
  );
  // What an earlier build left there would be published, too.
  for (const { folder } of packages) {
    rmSync(join(folder, "dist"), { recursive: true, force: true });
  }
  if (!run(registry, "turbo/bin/turbo", "run", "build")) {
    return "The build failed, and nothing was published: see the lines above.";
  }
  if (!run(registry, "@changesets/cli/bin.js", "publish")) {
    return "Not everything was published: see the lines above. Run this again to publish the rest.";
  }
  return undefined;
}

try {
  const fault = await release();
  if (fault === undefined) {
    console.log("Published. To push the tags, run: git push --follow-tags");
  } else {
    console.error(fault);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
