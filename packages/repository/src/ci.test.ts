import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const ciRun = join(repository, ".ci/run");

// It is a script for bash.
describe.skipIf(spawnSync("bash", ["--version"]).status !== 0)(".ci/run (needs bash)", () => {
  const listed = () =>
    execFileSync("bash", [ciRun, "--list"], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0] ?? "");

  test("has a line in run_part for every part", () => {
    const [, body = ""] = /^run_part\(\) \{\n(.*?)^\}/ms.exec(read(".ci/run")) ?? [];
    const patterns = [...body.matchAll(/^ {4}([\w|* -]+)\)/gm)].flatMap(([, names = ""]) =>
      names.split(" | "),
    );
    const known = patterns
      .filter((name) => name !== "*")
      .map((name) => new RegExp(`^${name.replace("*", ".*")}$`));
    expect(listed().filter((name) => !known.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test("is what GitHub's workflow runs: every part, and no other", () => {
    const workflow = read(".github/workflows/ci.yml");
    const lists = [
      ...[...workflow.matchAll(/bash \.ci\/run ([\w -]+)$/gm)].map(([, names = ""]) => names),
      ...[...workflow.matchAll(/^ {10}- ([\w -]+)$/gm)].map(([, names = ""]) => names),
    ];
    const called = new Set(lists.flatMap((names) => names.split(" ")));
    // Every call begins with the first; the jobs of other versions of Node run all suites.
    const implied = /^(?:install|node-\d+)$/;
    expect([...called].sort()).toEqual(
      listed()
        .filter((name) => !implied.test(name))
        .sort(),
    );
  });

  test("refuses a part that does not exist, and names those that do", () => {
    const { status, stderr } = spawnSync("bash", [ciRun, "lnit"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain('There is no part "lnit"');
    expect(stderr).toContain("lint");
  });
});

test("packages share no SecantusDB: each whose tests use the server in TEST_MONGO_URI starts its own", () => {
  const uses = /\bdescribe(?:OnMongo|OnMongoServers|OnServers|Conformance)\(|\benv\.TEST_MONGO_URI\b/;
  const hasOne = (folder: string) =>
    existsSync(join(repository, folder)) &&
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).some(
      (path) => path.endsWith(".test.ts") && uses.test(read(join(folder, path))),
    );
  const using = ["apps", "packages"]
    .flatMap((place) => readdirSync(join(repository, place)).map((name) => `${place}/${name}`))
    .filter((folder) => hasOne(`${folder}/src`) || hasOne(`${folder}/test`));
  expect(using.length).toBeGreaterThan(5);
  const sharing = using.filter((folder) => !read(`${folder}/vitest.config.ts`).includes("vitest.servers"));
  expect(sharing).toEqual([]);
});

const workflows = readdirSync(join(repository, ".github/workflows")).map(
  (name) => `.github/workflows/${name}`,
);

test.each([...workflows, ".github/actions/setup/action.yml"])("%s pins actions by commit", (path) => {
  const used = [...read(path).matchAll(/uses: (\S+)(.*)$/gm)].filter(
    ([, name = ""]) => !name.startsWith("./"),
  );
  expect(used.length).toBeGreaterThan(0);
  const loose = used.filter(
    ([, name = "", comment = ""]) => !/@[0-9a-f]{40}$/.test(name) || !/^ # v\d+\.\d+\.\d+$/.test(comment),
  );
  expect(loose.map(([line]) => line)).toEqual([]);
});

test.each(workflows)("every job of %s has a time-out, and permissions of its own", (path) => {
  const [, jobs = ""] = read(path).split(/^jobs:$/m);
  const bodies = jobs.split(/^ {2}(?=[\w-]+:$)/m).slice(1);
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) {
    expect(body).toMatch(/^ {4}timeout-minutes: \d+$/m);
    expect(body).toMatch(/^ {4}permissions:/m);
  }
  expect(read(path)).toMatch(/^permissions: \{\}$/m);
});
