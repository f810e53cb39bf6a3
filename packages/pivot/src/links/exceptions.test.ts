import { expect, test } from "vitest";
import { linkExceptions } from "./exceptions.js";

test("each exception has a key, an ATT&CK id, a reason and a public source", () => {
  for (const { malware, attack_id, because, source } of linkExceptions) {
    expect(malware).toMatch(/^[a-z0-9]+\.[\w.-]+$/u);
    expect(attack_id).toMatch(/^S\d{4}$/u);
    expect(because).toMatch(/\.$/u);
    expect(new URL(source).protocol).toBe("https:");
  }
});

test("no pair is decided twice", () => {
  const pairs = linkExceptions.map(({ malware, attack_id }) => `${malware} ${attack_id}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});
