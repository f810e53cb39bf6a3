import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/**
 * A package exports what somebody outside of it uses. A value counts as used where another package, the bench or an app imports it from this
 * entry point, or where the package's README or `docs` show it as code. A type does, too, where the files of other exported names mention
 * it: whoever calls a function may have to name what goes in or comes out.
 */

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), "utf8");

/** Paths of all files in some folders, from the repository's folder on. */
function filesIn(folders: readonly string[]): readonly string[] {
  return folders
    .filter((folder) => existsSync(join(repository, folder)))
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map(
        (path) => `${folder}/${path.replaceAll("\\", "/")}`,
      ),
    );
}

const packages = readdirSync(join(repository, "packages")).map((name) => `packages/${name}`);
const apps = readdirSync(join(repository, "apps")).map((name) => `apps/${name}`);
const users = [...packages, ...apps, "bench"];

interface EntryPoint {
  /** As it is imported. */
  readonly specifier: string;
  /** Its package's folder, such as `packages/core`. */
  readonly folder: string;
  readonly exported: readonly Exported[];
}

interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** Where it is declared. */
  readonly file: string;
}

/** Those of the packages that are published. */
function findEntryPoints(): readonly EntryPoint[] {
  return packages.flatMap((folder) => {
    const { name, private: isPrivate = false, exports } = JSON.parse(read(`${folder}/package.json`));
    return Object.entries<Record<string, string>>(isPrivate ? {} : exports).flatMap(([path, targets]) =>
      targets.default === undefined
        ? []
        : [
            {
              specifier: `${name}${path.slice(1)}`,
              folder,
              exported: exportedBy(join(folder, targets["@cti-connectors/source"] ?? "")),
            },
          ],
    );
  });
}

function exportedBy(file: string): readonly Exported[] {
  const text = read(file);
  const declared = [...text.matchAll(/^export (?:async )?(function|const|class|interface|type) (\w+)/gm)].map(
    ([, kind = "", name = ""]) => ({ name, isType: kind === "interface" || kind === "type", file }),
  );
  const passedOn = [...text.matchAll(/^export (type )?\{([^}]*)\}(?: from "([^"]+)")?;/gm)].flatMap(
    ([, areTypes, names = "", module]) =>
      namesIn(names).map(({ name, isType }) => ({
        name,
        isType: isType || areTypes !== undefined,
        file: module === undefined ? file : join(dirname(file), module.replace(/\.js$/, ".ts")),
      })),
  );
  return [...declared, ...passedOn];
}

function namesIn(list: string): readonly { readonly name: string; readonly isType: boolean }[] {
  return [...list.matchAll(/(type )?(\w+)(?: as \w+)?/g)].map(([, type, name = ""]) => ({
    name,
    isType: type !== undefined,
  }));
}

const importers = [
  ...filesIn(users.flatMap((folder) => [`${folder}/src`, `${folder}/test`])),
  ...filesIn(["docs", "turbo"]),
  ...["README.md", ...users.map((folder) => `${folder}/README.md`)],
]
  .filter((path) => /\.(?:tsx?|mjs|hbs|md)$/.test(path) && existsSync(join(repository, path)))
  .map((path) => ({ path, text: read(path) }));

function importedFrom({ specifier, folder }: EntryPoint): ReadonlySet<string> {
  const imports = new RegExp(`(?:import|export) (?:type )?\\{([^}]*)\\} from "${specifier}"`, "g");
  return new Set(
    importers
      .filter(({ path }) => path.endsWith(".md") || !path.startsWith(`${folder}/`))
      .flatMap(({ text }) => [...text.matchAll(imports)])
      .flatMap(([, names = ""]) => namesIn(names))
      .map(({ name }) => name),
  );
}

function shownIn(readme: string): ReadonlySet<string> {
  const code = readme.match(/```.*?```|`[^`\n]*`/gs) ?? [];
  return new Set(code.flatMap((text) => text.match(/\w+/g) ?? []));
}

function countMentions(name: string, files: ReadonlySet<string>): number {
  return [...files].reduce(
    (sum, file) => sum + (read(file).match(new RegExp(`\\b${name}\\b`, "g"))?.length ?? 0),
    0,
  );
}

function isMentioned({ name, isType, file }: Exported, { exported }: EntryPoint): boolean {
  const files = new Set([
    file,
    ...exported.filter((other) => other.name !== name).map((other) => other.file),
  ]);
  // One mention is its own declaration.
  return isType && countMentions(name, files) > 1;
}

const entryPoints = findEntryPoints();

test("there are entry points, and importers of each", () => {
  expect(entryPoints.map(({ specifier }) => specifier)).toEqual(
    expect.arrayContaining([
      "@cti-connectors/core",
      "@cti-connectors/core/host",
      "@cti-connectors/core/testing",
      "@cti-connectors/mitre-taxii",
      "@cti-connectors/threatfox",
    ]),
  );
  for (const entryPoint of entryPoints) {
    expect(importedFrom(entryPoint).size, entryPoint.specifier).toBeGreaterThan(0);
    expect(entryPoint.exported.length, entryPoint.specifier).toBeGreaterThan(0);
  }
});

test.each(entryPoints)("$specifier exports nothing that nobody outside uses", (entryPoint) => {
  const imported = importedFrom(entryPoint);
  const shown = shownIn(read(`${entryPoint.folder}/README.md`));
  const unused = entryPoint.exported.filter(
    (exported) =>
      !imported.has(exported.name) && !shown.has(exported.name) && !isMentioned(exported, entryPoint),
  );
  expect(unused.map(({ name }) => name)).toEqual([]);
});
