import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";

/** Formats the new package: line breaks and the order of imports depend on its name. */
export function formatPackage(root: string, name: string): void {
  run(root, "@biomejs/biome/bin/biome", ["check", "--write", "--error-on-warnings", `packages/${name}`]);
}

/** Links the new package and adds it to the lockfile. Downloads only what is not in the package store. */
export function installPackages(root: string): void {
  run(root, "pnpm/bin/pnpm.cjs", ["install", "--prefer-offline", "--no-frozen-lockfile"]);
}

/**
 * @param tool its script, relative to `node_modules`
 * @throws Error if the tool fails; its output says why
 */
function run(root: string, tool: string, args: readonly string[]): void {
  const script = join(root, "node_modules", tool);
  const { status, error } = spawnSync(execPath, [script, ...args], { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined || status !== 0) {
    const reason = error?.message ?? "see the lines above";
    throw new Error(
      `${tool} failed: ${reason}. The files of the connector have been created. Fix the problem, then run: pnpm install && pnpm format`,
    );
  }
}
