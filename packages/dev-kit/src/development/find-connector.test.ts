import { expect, test } from "vitest";
import { samplePackage } from "../testing/sample-package.js";
import { findConnectors } from "./find-connector.js";

const manifest = JSON.stringify({ name: "things", type: "module", exports: "./index.js" });

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    "no connector",
    { "index.js": "export const a = { name: 'a', steps: [] };" },
    /^things exports no connector: export what defineConnector returns from .*index\.js\.$/,
  ],
  ["no exports", { "package.json": '{"name":"things"}' }, /package\.json needs "name" and "exports"/],
  ["no name", { "package.json": '{"exports":"./index.js"}' }, /package\.json needs "name" and "exports"/],
  [
    "an entry that does not exist",
    { "src/a.js": "" },
    /^The main entry in "exports" of .*package\.json cannot be found: .*index\.js/,
  ],
])("a package with %s is refused by name", async (_, files, message) => {
  const folder = samplePackage({ "package.json": manifest, ...files });
  await expect(findConnectors(folder)).rejects.toThrow(message);
});

test("a folder without a package is refused by name", async () => {
  await expect(findConnectors("/nowhere")).rejects.toThrow(/^There is no package\.json in \/nowhere/);
});

test("a connector that is exported twice is found once", async () => {
  const connector = "{ name: 'a', summary: 'a', config: { shape: {}, safeParse() {} }, steps: [] }";
  const entry = `export const a = ${connector};\nexport { a as default };\nexport const none = null;\n`;
  const folder = samplePackage({ "package.json": manifest, "index.js": entry });
  expect(await findConnectors(folder)).toMatchObject([{ name: "a" }]);
});
