import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeFiles } from "./sandbox.js";

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllEnvs());
afterAll(() => vi.resetModules());

test("ATTACK_DATA is the folder of the real data", async () => {
  const [file = ""] = await writeFiles({ "there.json": {} });
  vi.stubEnv("ATTACK_DATA", dirname(file));
  const { hasRealData, nameRealData, realData } = await import("./real-data.js");
  expect(realData("there.json")).toBe(file);
  expect(hasRealData("there.json")).toBe(true);
  expect(nameRealData("the real data", file)).toBe("the real data");
});

test("a suite whose data does not exist says in its name what it lacks", async () => {
  vi.stubEnv("ATTACK_DATA", join(tmpdir(), "nowhere"));
  const { hasRealData, nameRealData, realData } = await import("./real-data.js");
  const file = realData("attack/a.json.gz");
  expect(hasRealData(file)).toBe(false);
  expect(nameRealData("the real data", file)).toBe(
    `the real data (skipped: ${join("attack", "a.json.gz")} does not exist in ${join(tmpdir(), "nowhere")}, see ATTACK_DATA)`,
  );
});

test("without ATTACK_DATA it is shared/data beside the repository, from which a relative folder starts too", async () => {
  const repository = fileURLToPath(new URL("../../../../", import.meta.url));
  for (const [value, folder] of [
    ["", "../shared/data"],
    ["other/data", "other/data"],
  ] as const) {
    vi.resetModules();
    vi.stubEnv("ATTACK_DATA", value);
    const { realData } = await import("./real-data.js");
    expect(realData("a.json")).toBe(resolve(repository, folder, "a.json"));
  }
});
