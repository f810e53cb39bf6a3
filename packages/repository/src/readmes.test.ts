import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repository = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, repository)), "utf8");

test("the README of mitre-taxii shows the example that its tests run", () => {
  const example = read("packages/mitre-taxii/src/testing/client-example.ts");
  expect(read("packages/mitre-taxii/README.md")).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});

test("the README shows the demo that the tests of the runner see", () => {
  expect(read("README.md")).toContain(`\`\`\`text\n${read("apps/runner/src/testing/demo.txt")}\`\`\`\n`);
});

test("the guide to connectors shows a connector as it is", () => {
  const guide = read("docs/write-a-connector.md");
  const shown = [...guide.matchAll(/<!-- (packages\/\S+) -->\n\n```ts\n(.*?)```/gs)];
  expect(shown.length).toBeGreaterThan(0);
  for (const [, path = "", code] of shown) {
    expect(code, path).toBe(read(path));
  }
});

test("the README asks for techniques with the filters that the tests of mitre-taxii prove", () => {
  const proven: readonly unknown[] = JSON.parse(
    read("packages/mitre-taxii/src/testing/technique-filters.json"),
  );
  expect(filtersOfTechniques(read("README.md"))).toEqual(expect.arrayContaining([...proven]));
  expect(proven).toEqual(expect.arrayContaining(filtersOfTechniques(read("README.md"))));
});

/** What each `find` and `findOne` that asks for a technique passes, with JSON's spelling of a regular expression. */
function filtersOfTechniques(readme: string): unknown[] {
  return [...readme.matchAll(/db\.objects\.find(?:One)?\((\{[^{}]*\})/g)]
    .map(([, filter = ""]) => filter)
    .filter((filter) => /T\d{4}/.test(filter))
    .map((filter) =>
      JSON.parse(
        filter.replaceAll(/([{,]\s*)(\w+):/g, '$1"$2":').replaceAll(/\/(\^T\d{4})\//g, '{ "$regex": "$1" }'),
      ),
    );
}
