import { basename, join, sep } from "node:path";

/** How this process was started. */
export interface Started {
  /** The script that Node runs, as `process.argv[1]` has it. */
  readonly script: string;
  /** What npm and pnpm say of themselves: `process.env.npm_execpath`. */
  readonly packageManager: string;
  /** The root of a checkout: the modules in it are its own. */
  readonly root: string;
}

/** How people start the program, for help and messages. */
interface FoundCommand {
  readonly command: string;
  /** The same where standard output must hold nothing else. */
  readonly quietCommand: string;
}

const packageName = "@cti-connectors/runner";

/** What people type to start the program as they have just started it. */
export function findCommand({ script, packageManager, root }: Started): FoundCommand {
  const command = findInstalledCommand(script);
  if (command !== undefined) {
    return { command, quietCommand: command };
  }
  // Whoever types `npm run demo` may have no pnpm but that of this workspace. `npx pnpm` finds it.
  const isLocal = packageManager.startsWith(join(root, "node_modules", sep));
  const pnpm = isLocal || packageManager.includes(join(sep, "_npx", sep)) ? "npx pnpm" : "pnpm";
  return { command: `${pnpm} --filter runner start`, quietCommand: `${pnpm} -s --filter runner start` };
}

/** @returns undefined in a checkout */
function findInstalledCommand(script: string): string | undefined {
  if (script.includes(join(sep, "_npx", sep))) {
    return `npx ${packageName}`;
  }
  if (script.includes(join(sep, "pnpm", "dlx", sep))) {
    return `pnpm dlx ${packageName}`;
  }
  const isBin = basename(script, ".mjs") === "cti-connectors";
  return isBin || script.includes(join(sep, "node_modules", sep)) ? "cti-connectors" : undefined;
}
