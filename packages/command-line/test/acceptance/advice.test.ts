import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { redactSecrets } from "@cti-connectors/core";
import { baseConfig, ConfigError, parseConfig } from "@cti-connectors/core/host";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");
const sources = ["apps", "packages"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, "src")))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|[/\\]testing[/\\]/.test(path));

/** Texts of a source file that read like a message, with something in place of each expression. */
function messagesIn(source: string): string[] {
  const literals = source.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return literals
    .map((literal) => literal.slice(1, -1).replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, "V4lue"))
    .filter((text) => text.split(" ").length > 3);
}

describe("no message of the product is taken for a secret", () => {
  const messages = sources.flatMap((path) =>
    messagesIn(readFileSync(path, "utf8")).map((text) => [relative(root, path), text] as const),
  );

  test("all of them are looked at", () => {
    const texts = messages.map(([, text]) => text).join("\n");
    expect(texts).toMatch(/user name or password: /);
    expect(texts).toMatch(/mongodb:\/\/user:password@/);
    expect(texts).toMatch(/http:\/\/user:password@/);
    expect(messages.length).toBeGreaterThan(300);
  });

  test.each([...new Set(messages.map(([path]) => path))])("%s", (path) => {
    for (const [, text] of messages.filter(([of]) => of === path)) {
      expect(redactSecrets(text)).toBe(text);
    }
  });
});

test.each([
  "mongodb://me:s3cr3t@",
  "mongodb://me:s3cr3t@host:port/",
  "mongodb://me:s3/cr3t@host/",
  "http://me:s3cr3t@host/",
])("what is wrong with MONGO_URI=%s is said as it is, without the password", (uri) => {
  let message = "";
  try {
    parseConfig(baseConfig, { MONGO_URI: uri });
  } catch (error) {
    message = error instanceof ConfigError ? error.message : "";
  }
  expect(message).toMatch(/^MONGO_URI \S/);
  expect(message).not.toContain("cr3t");
  expect(redactSecrets(message, ["s3cr3t"])).toBe(message);
});
