import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";

/** How long a name is decides where lines break, and names are sorted among imports. */
export function formatPackage(root: string, name: string): void {
  run(root, "@biomejs/biome/bin/biome", ["check", "--write", "--error-on-warnings", `packages/${name}`]);
}

/** Links the new package, and puts it in the lockfile. Asks the registry only for what the package store does not know. */
export function installPackages(root: string): void {
  run(root, "pnpm/bin/pnpm.cjs", ["install", "--prefer-offline", "--no-frozen-lockfile"]);
}

/**
 * @param tool its script, from `node_modules` on
 * @throws Error where the tool fails: its lines say why
 */
function run(root: string, tool: string, args: readonly string[]): void {
  const script = join(root, "node_modules", tool);
  const { status, error } = spawnSync(execPath, [script, ...args], { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined || status !== 0) {
    const reason = error?.message ?? "see the lines above";
    throw new Error(
      `${tool} failed: ${reason}. The files of the connector are there. Put this right, then run: pnpm install && pnpm format`,
    );
  }
}
