import type { TaxiiSource } from "../source/taxii-source.js";
import type { ServedRoot, TaxiiEnv } from "./taxii-env.js";

/**
 * Where a path leads: to discovery, or into the API root with the longest path that it lies below.
 *
 * @returns undefined where it is no path of TAXII
 */
export async function findRoute(
  sources: readonly TaxiiSource[],
  pathname: string,
): Promise<Omit<TaxiiEnv["Bindings"], "limit"> | undefined> {
  const path = pathname.replace(/\/?$/, "/");
  if (path === "/taxii2/") {
    return { route: "/taxii2" };
  }
  let found: ServedRoot | undefined;
  for (const source of sources.filter(({ below = "/" }) => path.startsWith(below))) {
    for (const root of await source.apiRoots()) {
      if (path.startsWith(root.path) && root.path.length > (found?.root.path.length ?? 0)) {
        found = { source, root };
      }
    }
  }
  return found && { route: `/root/${path.slice(found.root.path.length)}`.slice(0, -1), served: found };
}
