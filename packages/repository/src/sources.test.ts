import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const packages = fileURLToPath(new URL("../../", import.meta.url));

/** Paths of a package's sources, from `src` on, without tests. */
function sourcesOf(name: string): readonly string[] {
  return readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(?:ts|mjs|json)$/.test(path) && !path.endsWith(".test.ts"));
}

function findTwice(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

describe.each(readdirSync(packages))("the sources of %s", (name) => {
  const folders = sourcesOf(name).map((path) => path.split("/").slice(0, -1));

  test("are at most 20 beside each other", () => {
    const names = folders.map((path) => path.join("/"));
    const large = [...new Set(names)].filter((one) => names.filter((other) => other === one).length > 20);
    expect(large).toEqual([]);
  });

  test("have no folder below a floor, but for what tests share", () => {
    expect(folders.filter(([floor, more]) => floor !== "testing" && more !== undefined)).toEqual([]);
  });
});

test("no two exports of the packages have one name", () => {
  const sources = readdirSync(packages).flatMap((name) =>
    sourcesOf(name)
      .filter((path) => path.endsWith(".ts") && !path.startsWith("testing/"))
      .map((path) => readFileSync(join(packages, name, "src", path), "utf8")),
  );
  const declaration = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
  // A function with overloads is declared several times in its file.
  const names = sources.flatMap((text) => [
    ...new Set([...text.matchAll(declaration)].map(([, name = ""]) => name)),
  ]);
  expect(names.length).toBeGreaterThan(500);
  expect(findTwice(names)).toEqual([]);
});
