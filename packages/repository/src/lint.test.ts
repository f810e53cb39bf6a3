import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 30_000 });

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
const packages = readdirSync(join(repository, "packages"));

type Files = Readonly<Record<string, string>>;

interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
}

/** What `pnpm lint` finds in these files, under the repository's own configuration. */
function lint(files: Files): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "cti-lint-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const configuration = [
    "biome.json",
    ".gitignore",
    ...packages.map((name) => `packages/${name}/biome.json`),
  ];
  for (const path of configuration.filter((file) => existsSync(join(repository, file)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(repository, path), join(folder, path));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const args = [
    biome,
    "check",
    "--error-on-warnings",
    "--reporter=json",
    "--max-diagnostics=none",
    "packages",
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const report: {
    diagnostics: { category: string; location: { path: string; start: { line: number } } }[];
  } = JSON.parse(stdout);
  const findings = report.diagnostics.map(({ category, location: { path, start } }) => ({
    rule: category.replace(/^.*\//, ""),
    path,
    line: start.line,
  }));
  expect(status).toBe(findings.length === 0 ? 0 : 1);
  return findings;
}

function functionOf(lines: number): string {
  return `export function fill(list: number[]) {\n${"  list.push(0);\n".repeat(lines)}}\n`;
}

/** The folders of a package's sources, but for what tests share. */
function foldersOf(name: string): readonly string[] {
  const sources = join(repository, "packages", name, "src");
  return readdirSync(sources, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "testing")
    .map((entry) => entry.name);
}

describe("pnpm lint refuses", () => {
  test.each<[string, string, Files]>([
    [
      "a block without braces",
      "useBlockStatements",
      {
        "packages/core/src/config/a.ts":
          "export function a(b: boolean) {\n  if (b) return 1;\n  return 2;\n}\n",
      },
    ],
    [
      "it() instead of test()",
      "useConsistentTestIt",
      {
        "packages/core/src/config/a.test.ts":
          'import { expect, it } from "vitest";\n\nit("is", () => expect(1).toBe(1));\n',
      },
    ],
    [
      "a function of 61 lines",
      "noExcessiveLinesPerFunction",
      { "packages/core/src/config/a.ts": functionOf(61) },
    ],
  ])("%s", (_, rule, files) => {
    expect(lint(files)).toEqual([expect.objectContaining({ rule })]);
  });

  test("a circle", () => {
    const found = lint({
      "packages/threatfox/src/config/a.ts": 'import { b } from "./b.js";\n\nexport const a = () => b();\n',
      "packages/threatfox/src/config/b.ts": 'import { a } from "./a.js";\n\nexport const b = () => a();\n',
    });
    expect(found.map(({ rule }) => rule)).toEqual(["noImportCycles", "noImportCycles"]);
  });

  test("a circle of type-only imports", () => {
    const found = lint({
      "packages/threatfox/src/config/a.ts":
        'import type { B } from "./b.js";\n\nexport type A = readonly B[];\n',
      "packages/threatfox/src/config/b.ts":
        'import type { A } from "./a.js";\n\nexport interface B {\n  readonly a: A;\n}\n',
    });
    expect(found.map(({ rule }) => rule)).toEqual(["noImportCycles", "noImportCycles"]);
  });
});

describe("pnpm lint accepts", () => {
  test.each<[string, Files]>([
    ["a function of 60 lines", { "packages/core/src/config/a.ts": functionOf(60) }],
    ["a longer one in a test", { "packages/core/src/config/a.test.ts": functionOf(61) }],
    [
      "a test and its helpers that look at any floor, and at other packages",
      {
        "packages/core/src/secrets/a.test.ts": 'import "../run/b.js";\nimport "@cti-connectors/sandbox";\n',
        "packages/core/src/testing/a.ts": 'import "../run/b.js";\nimport "@cti-connectors/sandbox";\n',
        "packages/threatfox/src/a.test.ts": 'import "mongodb";\n',
      },
    ],
    [
      "what a connector may import",
      { "packages/a-new-connector/src/a.ts": 'import "@cti-connectors/core";\nimport "zod";\n' },
    ],
  ])("%s", (_, files) => {
    expect(lint(files)).toEqual([]);
  });
});

test.each(["host", "testing"])("no connector imports core/%s, in any of its folders", (entryPoint) => {
  const files = ["mitre-taxii", "threatfox"].flatMap((name) => [
    `packages/${name}/src/a.ts`,
    ...foldersOf(name).map((folder) => `packages/${name}/src/${folder}/a.ts`),
  ]);
  const text = `import "@cti-connectors/core/${entryPoint}";\n`;
  const refused = lint(Object.fromEntries(files.map((path) => [path, text])));
  expect(refused.map(({ rule, path }) => `${rule} ${path}`).sort()).toEqual(
    files.map((path) => `noRestrictedImports ${path}`).sort(),
  );
});

describe("no package imports another one, except that a connector imports core", () => {
  test.each([
    ["mitre-taxii", "mongodb"],
    ["mitre-taxii", "@cti-connectors/threatfox"],
    ["threatfox", "@cti-connectors/mitre-taxii"],
    ["threatfox", "@cti-connectors/embedded-mongo/testing"],
    ["a-new-connector", "mongodb"],
    ["a-new-connector", "mongodb/lib/bson.js"],
    ["a-new-connector", "@cti-connectors/threatfox"],
    ["a-new-connector", "@cti-connectors/core/host"],
    ["a-new-connector", "@cti-connectors/dev-kit/describe-on-servers"],
    ["a-new-connector", "@cti-connectors/core/testing"],
    ["core", "@cti-connectors/embedded-mongo"],
    ["core", "@cti-connectors/mitre-taxii"],
    ["embedded-mongo", "@cti-connectors/core"],
    ["sandbox", "@cti-connectors/core"],
    ["taxii-server", "@cti-connectors/core"],
  ])("%s: %s", (name, specifier) => {
    expect(lint({ [`packages/${name}/src/a.ts`]: `import "${specifier}";\n` })).toEqual([
      expect.objectContaining({ rule: "noRestrictedImports" }),
    ]);
  });
});

describe("the floors of a package import downward only", () => {
  const floors = new Map(
    packages.map((name) => [name, foldersOf(name)] as const).filter(([, { length }]) => length > 0),
  );

  test.each<[string, string, string]>([
    ["core", "secrets", "run"],
    ["mitre-taxii", "taxii", "steps"],
    ["threatfox", "indicator", "stix"],
    ["embedded-mongo", "bson", "server"],
    ["sandbox", "http", "taxii"],
    ["taxii-server", "protocol", "endpoints"],
    ["command-line", "text", "commands"],
  ])("in %s, %s does not import %s", (name, lower, upper) => {
    const at = (folder: string) => `packages/${name}/src/${folder}/probe.ts`;
    expect(lint({ [at(upper)]: `import "../${lower}/other.js";\n` })).toEqual([]);
    const ways = [
      `import "../${upper}/other.js";`,
      `import type { A } from "../${upper}/other.js";`,
      `export type { A } from "../${upper}/other.js";`,
      `export const b = () => import("../${upper}/other.js");`,
    ];
    for (const way of ways) {
      const found = lint({
        [at(lower)]: `${way}\n${way.startsWith("import type") ? "\nexport type B = A;\n" : ""}`,
      });
      expect(found, way).toEqual([expect.objectContaining({ rule: "noRestrictedImports" })]);
    }
  });

  test.each([...floors])("each folder of %s has its place", (name, folders) => {
    expect(orderOf(importsAllowedIn(name, folders))).toEqual([...folders].sort());
  });

  /** Which folders, or the top of the sources, a file of each folder may import. */
  function importsAllowedIn(
    name: string,
    folders: readonly string[],
  ): ReadonlyMap<string, readonly string[]> {
    const places = [...folders.map((folder) => `${folder}/probe`), "index"];
    const probe = places.map((place) => `import "../${place}.js";\n`).join("");
    const pathOf = (folder: string) => `packages/${name}/src/${folder}/probe.ts`;
    const found = lint(Object.fromEntries(folders.map((folder) => [pathOf(folder), probe])));
    const refused = new Set(
      found.filter(({ rule }) => rule === "noRestrictedImports").map(({ path, line }) => `${path}:${line}`),
    );
    return new Map(
      folders.map((folder) => [
        folder,
        places
          .filter(
            (place, index) => place !== `${folder}/probe` && !refused.has(`${pathOf(folder)}:${index + 1}`),
          )
          .map((place) => place.replace("/probe", "")),
      ]),
    );
  }

  /** The folders that stand above all that they may import; the others import in a circle. */
  function orderOf(allowed: ReadonlyMap<string, readonly string[]>): readonly string[] {
    const placed = new Set<string>();
    for (let before = -1; before < placed.size; ) {
      before = placed.size;
      for (const [folder, below] of allowed) {
        if (below.every((other) => placed.has(other))) {
          placed.add(folder);
        }
      }
    }
    return [...placed].sort();
  }
});
