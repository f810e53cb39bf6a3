import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** The folder in `ATTACK_DATA`, by default `shared/data` beside the repository. A relative path starts at the repository. */
const folder = resolve(repository, process.env.ATTACK_DATA || "../shared/data");

/**
 * Where a file of the real data is, whether it exists or not.
 *
 * @param path such as `attack/ics-attack-18.1.json.gz` or `threatfox/get_iocs.json`
 */
export function realData(path: string): string {
  return resolve(folder, path);
}

/** Whether all of these files of the real data exist. */
export function hasRealData(...paths: readonly string[]): boolean {
  return findMissing(paths) === undefined;
}

/**
 * What a test that reads these files calls them in its name, which says why it is skipped where one does not exist.
 *
 * @param name such as `the real ICS releases`
 */
export function nameRealData(name: string, ...paths: readonly string[]): string {
  const missing = findMissing(paths);
  return missing === undefined
    ? name
    : `${name} (skipped: ${relative(folder, missing)} does not exist in ${folder}, see ATTACK_DATA)`;
}

function findMissing(paths: readonly string[]): string | undefined {
  return paths.map(realData).find((path) => !existsSync(path));
}
