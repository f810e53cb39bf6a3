import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repository = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, repository)), "utf8");

test("the README of mitre-taxii shows the example that its tests run", () => {
  const example = read("packages/mitre-taxii/src/testing/client-example.ts");
  expect(read("packages/mitre-taxii/README.md")).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});

test("the runner's README shows the demo that its tests see, and the README a part of it", () => {
  const demo = read("apps/runner/src/testing/demo.txt");
  expect(read("apps/runner/README.md")).toContain(`\`\`\`text\n${demo}\`\`\`\n`);
  const [, shown = ""] = /```text\n(.*?)```\n/s.exec(read("README.md")) ?? [];
  expect(shown).not.toBe("");
  expect(demo).toContain(shown);
});

test("the README has at most 120 lines", () => {
  expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(120);
});

test("the guide to connectors shows a connector as it is", () => {
  const guide = read("docs/write-a-connector.md");
  const shown = [...guide.matchAll(/<!-- (packages\/\S+) -->\n\n```ts\n(.*?)```/gs)];
  expect(shown.length).toBeGreaterThan(0);
  for (const [, path = "", code] of shown) {
    expect(code, path).toBe(read(path));
  }
});

test("the documentation asks for techniques with the filters that the tests of mitre-taxii prove", () => {
  const proven: readonly unknown[] = JSON.parse(
    read("packages/mitre-taxii/src/testing/technique-filters.json"),
  );
  const asked = ["README.md", "docs/querying.md"].flatMap((page) => filtersOfTechniques(read(page)));
  expect(asked).toEqual(expect.arrayContaining([...proven]));
  expect(proven).toEqual(expect.arrayContaining(asked));
});

const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: fileURLToPath(repository),
  encoding: "utf8",
})
  .split("\n")
  .filter((page) => page !== "" && !page.startsWith(".changeset/") && existsSync(new URL(page, repository)));

test.each(pages)("every link in %s leads to a file, and to a heading in it", (page) => {
  const text = read(page).replaceAll(/^(`{3,})[^\n]*\n.*?^\1/gms, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
  expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(new URL(target, repository))) {
    return false;
  }
  return heading === undefined || !target.endsWith(".md") || anchorsOf(read(target)).includes(heading);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** What each `find` and `findOne` that asks for a technique passes, with JSON's spelling of a regular expression. */
function filtersOfTechniques(readme: string): unknown[] {
  return [...readme.matchAll(/db\.objects\.find(?:One)?\((\{[^{}]*\})/g)]
    .map(([, filter = ""]) => filter)
    .filter((filter) => /"enriched\.(?:attack|technique)_id": *["/]\^?T\d{4}/.test(filter))
    .map((filter) =>
      JSON.parse(
        filter.replaceAll(/([{,]\s*)(\w+):/g, '$1"$2":').replaceAll(/\/(\^T\d{4})\//g, '{ "$regex": "$1" }'),
      ),
    );
}
