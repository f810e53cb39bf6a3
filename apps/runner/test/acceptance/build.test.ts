import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

/** A checkout whose compiler does this. */
function checkoutWith(compiler: string): string {
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
