import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder, from `folder` upwards, that holds `pnpm-workspace.yaml`; `folder` itself where there is none. */
export function findWorkspaceRoot(folder: string): string {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, "pnpm-workspace.yaml"))) {
      return candidate;
    }
    if (dirname(candidate) === candidate) {
      return folder;
    }
  }
}
