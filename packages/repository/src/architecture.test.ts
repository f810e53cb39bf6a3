import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const text = readFileSync(join(repository, "docs/architecture.md"), "utf8");
const [rooms = "", way = ""] = [...text.matchAll(/```mermaid\n(.*?)```/gs)].map(
  ([, picture = ""]) => picture,
);
/** Nodes and their labels, and arrows. */
const labels = new Map(
  [...text.matchAll(/([\w-]+)\["(.*?)"\]/g)].map(([, node = "", label = ""]) => [node, label]),
);
const arrowsOf = (picture: string) =>
  [...picture.matchAll(/([\w-]+)(?:\[".*?"\]|\(\[.*?\]\))?(?: -- ".*?")? --> ([\w-]+)/g)].map(
    ([, from = "", to = ""]) => [from, to] as const,
  );

test("every file that the architecture names exists", () => {
  const short = [...text.matchAll(/[`"]([\w-]+)\/([\w-]+\/[\w.-]+\.ts)[`"]/g)].map(
    ([, name, path]) => `packages/${name}/src/${path}`,
  );
  const linked = [...text.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = ""]) => path);
  expect(short.length).toBeGreaterThan(40);
  expect([...short, ...linked].filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});

describe("the rooms", () => {
  test.each(readdirSync(join(repository, "packages")).filter((name) => labels.has(name)))(
    "show every floor of %s",
    (name) => {
      const folders = readdirSync(join(repository, "packages", name, "src"), { withFileTypes: true });
      const floors = folders.filter((entry) => entry.isDirectory() && entry.name !== "testing");
      const shown = labels
        .get(name)
        ?.split(/<br\/>| · /)
        .slice(1);
      expect(shown?.sort()).toEqual(floors.map((entry) => entry.name).sort());
    },
  );

  test("show which package depends on which", () => {
    const manifests = [
      ...["packages", "apps"].flatMap((parent) =>
        readdirSync(join(repository, parent)).map((name) => `${parent}/${name}`),
      ),
    ];
    const dependencies = manifests.flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8"));
      return Object.keys(manifest.dependencies ?? {}).map((to) => [manifest.name, to].map(withoutScope));
    });
    const shown = dependencies.filter(([from = "", to = ""]) => labels.has(from) && labels.has(to));
    expect(arrowsOf(rooms).map(String).sort()).toEqual(shown.map(String).sort());
  });
});

describe("the way of a record", () => {
  test.each([
    ["an object of ATT&CK", "threatfox/", 16],
    ["an IOC of ThreatFox", "mitre-taxii/", 18],
  ])("of %s has few files, as many as the text says", (record, other, most) => {
    const files = filesWithout(other);
    expect(files.length).toBeLessThanOrEqual(most);
    expect(text.replaceAll("\n", " ")).toContain(
      `${record} ${record.includes("IOC") ? "" : "passes "}${files.length}`,
    );
  });

  test("has as many files with those that help as the text says", () => {
    const [helpers = ""] = /^These files help .*?\n\n(?=A document)/ms.exec(text) ?? [];
    const paths = [...helpers.matchAll(/`([\w-]+\/[\w-]+\/[\w-]+\.ts)`/g)].map(([, path = ""]) => path);
    const countWithout = (other: string) =>
      filesWithout(other).length + paths.filter((path) => !path.startsWith(other)).length;
    // An IOC passes one of three parsers.
    const counts = [countWithout("threatfox/"), countWithout("mitre-taxii/") - 2];
    expect(text.replaceAll("\n", " ")).toContain(
      `${counts[0]} files see an object of ATT&CK and ${counts[1]} an IOC`,
    );
  });
});

/** The files of the way that are not of one connector. */
function filesWithout(connector: string): readonly string[] {
  const arrows = arrowsOf(way).filter((ends) =>
    ends.every((node) => !labels.get(node)?.startsWith(connector)),
  );
  const after = reachable("socket", arrows);
  const before = reachable(
    "driver",
    arrows.map(([from, to]) => [to, from]),
  );
  return [...after].filter((node) => before.has(node) && labels.has(node));
}

function reachable(
  start: string,
  arrows: readonly (readonly [from: string, to: string])[],
): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const node of reached) {
    for (const [from, to] of arrows) {
      if (from === node) {
        reached.add(to);
      }
    }
  }
  return reached;
}

function withoutScope(name: string): string {
  return name.replace("@cti-connectors/", "");
}
