import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

const { repository, engines } = manifestOf("");
const page = repository.url.replace(/^git\+|\.git$/g, "");
const published = ["packages", "apps"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
  .map((folder) => ({ folder, manifest: manifestOf(folder) }))
  .filter(({ manifest }) => manifest.private !== true);

test("ten packages or more are published", () => {
  expect(published.length).toBeGreaterThanOrEqual(10);
});

describe.each(published)("the package in $folder", ({ folder, manifest }) => {
  test("names the repository that the root names", () => {
    expect(manifest).toMatchObject({
      repository: { ...repository, directory: folder },
      homepage: `${page}/tree/main/${folder}#readme`,
      bugs: `${page}/issues`,
    });
  });

  test("has what users look for", () => {
    expect(manifest).toMatchObject({ license: "MIT", engines, author: expect.any(String) });
    expect(manifest.keywords.length).toBeGreaterThan(2);
    expect(manifest.publishConfig.access).toBe("public");
    expect(existsSync(join(root, folder, "LICENSE"))).toBe(true);
    expect(readFileSync(join(root, folder, "README.md"), "utf8")).toMatch(/npm install |npx /);
  });

  test("is built before it is packed", () => {
    expect(manifest.scripts).toMatchObject({ prepack: "pnpm run build", build: expect.any(String) });
  });

  test("publishes its exports without the condition for sources, which are not published", () => {
    const exports = Object.entries<Record<string, string>>(manifest.exports ?? {}).flatMap(
      ([path, targets]) => {
        const { "@cti-connectors/source": _, ...rest } = targets;
        return Object.keys(rest).length === 0 ? [] : [[path, rest]];
      },
    );
    expect(manifest.publishConfig.exports ?? {}).toEqual(Object.fromEntries(exports));
    expect(manifest.files).not.toContain("src");
  });
});
