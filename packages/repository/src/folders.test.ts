import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../", import.meta.url));

describe.each(readdirSync(folder))("the sources of %s", (name) => {
  const sources = readdirSync(join(folder, name, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:ts|mjs|json)$/.test(path) && !path.endsWith(".test.ts"))
    .map((path) => path.split(/[\\/]/));

  test("are at most 20 beside each other", () => {
    const folders = sources.map((path) => path.slice(0, -1).join("/"));
    const large = [...new Set(folders)].filter((one) => folders.filter((other) => other === one).length > 20);
    expect(large).toEqual([]);
  });

  test("have no folder below a floor", () => {
    expect(sources.filter(({ length }) => length > 2)).toEqual([]);
  });
});
