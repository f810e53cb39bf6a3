import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";

/** Where a program keeps what is its own. Neither folder has to exist. */
export interface ProgramFolders {
  /** Its `.env` is here, unless there is one where the command was typed. */
  readonly config: string;
  /** The embedded database, unless `DATA_DIR` is set. */
  readonly data: string;
}

/**
 * In a workspace, its root. For a program that is installed, the user's folders for settings and data: on Linux `~/.config/NAME` and
 * `~/.local/share/NAME`, or where `XDG_CONFIG_HOME` and `XDG_DATA_HOME` say.
 *
 * @param folder one of the program's own
 * @param name of the program, for folders that only it uses
 */
export async function findProgramFolders(folder: string, name: string): Promise<ProgramFolders> {
  const root = findWorkspaceRoot(folder);
  if (root !== undefined) {
    return { config: root, data: join(root, ".data", "mongo") };
  }
  ensureHome();
  // It looks for the home folder when it is loaded.
  const { default: envPaths } = await import("env-paths");
  const { config, data } = envPaths(name, { suffix: "" });
  return { config, data: join(data, "mongo") };
}

/** Without `HOME`, a user without an entry in `/etc/passwd` has no home folder. Docker sets it to the root then, and so does this. */
function ensureHome(): void {
  try {
    homedir();
  } catch {
    process.env.HOME = sep;
  }
}

/**
 * The nearest folder, from `folder` upwards, that holds `pnpm-workspace.yaml`. A package in `node_modules` is installed: the workspace around
 * it is somebody else's.
 */
function findWorkspaceRoot(folder: string): string | undefined {
  if (folder.split(sep).includes("node_modules")) {
    return undefined;
  }
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, "pnpm-workspace.yaml"))) {
      return candidate;
    }
    if (dirname(candidate) === candidate) {
      return undefined;
    }
  }
}
