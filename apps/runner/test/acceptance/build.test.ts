import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

/** A checkout whose compiler does this, with more files. */
function checkoutWith(compiler: string, more: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "runner-build-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = {
    "apps/runner/package.json": '{ "dependencies": {} }',
    "apps/runner/src/.keep": "",
    "packages/command-line/package.json": "{}",
    "packages/command-line/node_modules/commander/package.json": '{ "main": "index.js" }',
    "packages/command-line/node_modules/commander/index.js": "",
    "package.json": "{}",
    "node_modules/typescript/package.json": "{}",
    "node_modules/typescript/bin/tsc": compiler,
    ...more,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  copyFileSync(
    fileURLToPath(new URL("../../build.mjs", import.meta.url)),
    join(root, "apps/runner/build.mjs"),
  );
  return root;
}

test.each([
  [
    "panics",
    'process.stderr.write("panic: open /x/dist/.tsbuildinfo: permission denied\\n\\ngoroutine 1 [running]:\\n"); process.exitCode = 2;',
  ],
  [
    "reports each file",
    "console.log(\"error TS5033: Could not write file '/x/dist/a.js': open: read-only file system.\"); process.exitCode = 2;",
  ],
])("a read-only checkout is reported in one line if the compiler %s", async (_name, compiler) => {
  const root = checkoutWith(compiler);
  const { exitCode, stderr } = await execa(execPath, ["apps/runner/build.mjs"], { cwd: root, reject: false });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/nothing can be written in .*As a user who may write there, run: npx pnpm --filter/);
  expect(stderr).not.toMatch(/goroutine|TS5033/);
});

test("what the compiler says of wrong sources is shown", async () => {
  const root = checkoutWith('console.log("src/a.ts(1,1): error TS2304"); process.exitCode = 2;');
  const { exitCode, stderr } = await execa(execPath, ["apps/runner/build.mjs"], { cwd: root, reject: false });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("src/a.ts(1,1): error TS2304\nThe build failed: see the lines above.");
});

test("the page is built where it is older than its sources, and only then", async () => {
  const root = checkoutWith("", {
    "apps/explorer/package.json": "{}",
    "apps/explorer/vite.config.ts": "",
    "apps/explorer/src/main.tsx": "",
    "apps/explorer/node_modules/vite/bin/vite.js":
      'const { appendFileSync, mkdirSync } = require("node:fs"); mkdirSync("dist/page", { recursive: true }); appendFileSync("dist/page/index.html", process.argv[2] + " ");',
  });
  const index = join(root, "apps/explorer/dist/page/index.html");
  const build = () => execa(execPath, ["apps/runner/build.mjs"], { cwd: root });
  await build();
  await build();
  expect(readFileSync(index, "utf8")).toBe("build ");

  const later = new Date(Date.now() + 10_000);
  utimesSync(join(root, "apps/explorer/src/main.tsx"), later, later);
  await build();
  expect(readFileSync(index, "utf8")).toBe("build build ");
});

test("what the page's build says of wrong sources is shown", async () => {
  const root = checkoutWith("", {
    "apps/explorer/package.json": "{}",
    "apps/explorer/vite.config.ts": "",
    "apps/explorer/src/main.tsx": "",
    "apps/explorer/node_modules/vite/bin/vite.js":
      'console.error("main.tsx: unexpected token"); process.exitCode = 1;',
  });
  const { exitCode, stderr } = await execa(execPath, ["apps/runner/build.mjs"], { cwd: root, reject: false });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("main.tsx: unexpected token\nThe build failed: see the lines above.");
});
