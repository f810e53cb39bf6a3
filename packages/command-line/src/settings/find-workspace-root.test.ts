import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findWorkspaceRoot } from "./find-workspace-root.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runner-root-"));
  mkdirSync(join(folder, "a", "b"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("walks up to the folder that holds pnpm-workspace.yaml", () => {
  writeFileSync(join(folder, "pnpm-workspace.yaml"), "");
  expect(findWorkspaceRoot(join(folder, "a", "b"))).toBe(folder);
  expect(findWorkspaceRoot(folder)).toBe(folder);
});

test("stops at the nearest workspace", () => {
  writeFileSync(join(folder, "pnpm-workspace.yaml"), "");
  writeFileSync(join(folder, "a", "pnpm-workspace.yaml"), "");
  expect(findWorkspaceRoot(join(folder, "a", "b"))).toBe(join(folder, "a"));
});

test("stays where it is outside any workspace", () => {
  expect(findWorkspaceRoot(join(folder, "a", "b"))).toBe(join(folder, "a", "b"));
});
