import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";

const folder = inject("pageFolder");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" });

test("the scripts of the page have at most 60 kB compressed", () => {
  const scripts = files.filter((name) => name.endsWith(".js"));
  const size = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  expect(scripts.length).toBeGreaterThan(0);
  expect(size).toBeLessThan(60_000);
});

test("the page needs nothing from elsewhere, and has nothing inline that a server would have to allow", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style| style=| on\w+=/);
  const styles = files.filter((name) => name.endsWith(".css"));
  expect(styles.map((name) => readFileSync(join(folder, name), "utf8")).join("")).not.toMatch(
    /https?:|data:/,
  );
});

test("the page has the licences of what is built into it", () => {
  expect(readFileSync(join(folder, "licences.md"), "utf8")).toMatch(/preact.*MIT/s);
});
