import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BSON } from "mongodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type EmbeddedMongo, startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";

/** Starts a program. */
vi.setConfig({ testTimeout: 30_000 });

const folder = process.env.OLD_DRIVERS ?? "";

describe.skipIf(folder !== "")("older drivers and mongoose", () => {
  test.skip("are skipped: set OLD_DRIVERS to what .ci/install-old-drivers.sh prints", () => {});
});

describe.skipIf(folder === "")("older drivers and mongoose", () => {
  let server: EmbeddedMongo;

  beforeEach(async () => {
    server = await startEmbeddedMongo();
  });

  afterEach(async () => {
    await server?.close();
  });

  /** In a process of its own, because vitest's conditions of resolution break older packages. */
  async function play(script: string, packageName: string): Promise<unknown> {
    const path = fileURLToPath(new URL(`../../src/testing/${script}.ts`, import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", path, join(folder, "node_modules", packageName), server.uri],
      { env: { ...process.env, NODE_OPTIONS: "" } },
    );
    return BSON.EJSON.parse(stdout);
  }

  test.each(["mongodb4", "mongodb5", "mongodb6"])("%s works", async (packageName) => {
    expect(await play("play-old-driver", packageName)).toEqual({
      documents: {
        modifiedCount: 2,
        upsertedId: 4,
        deletedCount: 1,
        changed: { _id: 2, name: "x", n: 12 },
        all: [
          { _id: 2, name: "x", n: 12 },
          { _id: 3, name: "c", n: 13 },
          { _id: 4, name: "d" },
        ],
        count: 2,
        estimated: 3,
        names: ["c", "d", "x"],
        sum: [{ _id: null, sum: 25 }],
      },
      bulkWrite: { failed: [[0, 11000]], stored: [{ _id: 1, n: 1 }] },
      indexes: {
        created: "name_1",
        duplicate: 11000,
        listed: ["_id_", "name_1"],
        left: ["_id_"],
        absent: 27,
      },
      cursors: { inOrder: true, count: 1000, killed: [1] },
      refusals: { transaction: 20, watch: 40573 },
      files: { same: true, lengths: [4500], left: [] },
    });
  });

  test("mongoose works", async () => {
    expect(await play("play-mongoose", "mongoose")).toEqual({
      duplicate: 11000,
      conflict: "VersionError",
      found: { title: "U", author: "A", stars: [5] },
      saved: 2,
      titles: ["U", "V", "W"],
      indexes: ["_id_", "name_1"],
      transaction: 20,
    });
  });
});
