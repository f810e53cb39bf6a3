import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import envPaths from "env-paths";

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
export function findProgramFolders(folder: string, name: string): ProgramFolders {
  const root = findWorkspaceRoot(folder);
  if (root !== undefined) {
    return { config: root, data: join(root, ".data", "mongo") };
  }
  const { config, data } = envPaths(name, { suffix: "" });
  return { config, data: join(data, "mongo") };
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
