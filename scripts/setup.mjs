// Installs the workspace's dependencies when they are missing or older than the lockfile. Needs Node and npm only.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { env } from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")).devEngines.packageManager;
const packageManager = `${name}@${version}`;

/** @param {string} file @returns {number} when the file was written (ms), 0 where there is none */
function writtenAt(file) {
  return statSync(root + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// pnpm runs this too, as the script postinstall, and has just installed them.
const isPnpm = env.npm_config_user_agent?.startsWith("pnpm/") ?? false;

if (!isPnpm && writtenAt("node_modules/.modules.yaml") < writtenAt("pnpm-lock.yaml")) {
  console.error("Installing dependencies …");
  const { status } = spawnSync("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`Installing with ${packageManager} failed: see the lines above.`);
    process.exit(status ?? 1);
  }
}
