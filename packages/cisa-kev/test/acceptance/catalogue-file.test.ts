import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { configureConnector, parseConfig, pathsFrom } from "@cti-connectors/core/host";
import { storedIn } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { cisaKev } from "../../src/cisa-kev.js";
import { runKev } from "../../src/testing/run-kev.js";
import { entriesOf, serveCatalogue } from "../../src/testing/serve-catalogue.js";

describeOnEmbedded("a catalogue in a file", (openDatabase) => {
  let file: string;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), "catalogue-file-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    file = join(folder, "kev.json");
  });

  const save = (count: number, dateReleased = "2026-11-03T17:00:00Z", told = count) =>
    writeFileSync(
      file,
      JSON.stringify({
        ...{ title: "KEV", catalogVersion: "2026.11.03", dateReleased, count: told },
        vulnerabilities: entriesOf(count),
      }),
    );

  test("makes the documents that a server's makes, without a request, and loads another release", async () => {
    const [fromFile, fromServer] = [await openDatabase(), await openDatabase()];
    const upstream = await serveCatalogue();
    upstream.publish(entriesOf(3));
    await runKev(fromServer, { KEV_URL: upstream.url });
    save(3);
    expect(await runKev(fromFile, { KEV_URL: file })).toMatchObject({ status: "ok", requests: 0 });
    const contentOf = async (store: typeof fromFile) =>
      (await storedIn(store, "kev")).map(({ _id, data, enriched }) => ({ _id, data, enriched }));
    expect(await contentOf(fromFile)).toEqual(await contentOf(fromServer));
    expect((await runKev(fromFile, { KEV_URL: file })).steps[0]).toMatchObject({ extracted: 0 });
    save(4, "2026-11-04T17:00:00Z");
    expect((await runKev(fromFile, { KEV_URL: file })).steps[0]).toMatchObject({ inserted: 1, unchanged: 3 });
    save(5, "2026-11-05T17:00:00Z");
    writeFileSync(file, gzipSync(readFileSync(file)));
    expect((await runKev(fromFile, { KEV_URL: file })).steps[0]).toMatchObject({ inserted: 1, unchanged: 4 });
  });

  test.each([
    ["cut off", () => writeFileSync(file, '{"catalogVersion":'), "is not CISA's catalogue"],
    ["short of entries", () => save(2, undefined, 3), "there are fewer than `count` says"],
    ["a zip archive", () => writeFileSync(file, "PK\u0003\u0004"), "it is a zip archive"],
    ["empty", () => writeFileSync(file, ""), "it is empty"],
    ["something else", () => writeFileSync(file, "[]"), "is not CISA's catalogue"],
  ])("that is %s changes nothing, and is named", async (_name, write, message) => {
    const store = await openDatabase();
    write();
    const report = await runKev(store, { KEV_URL: file });
    expect(report.status).toBe("failed");
    expect(report.reason).toContain(file);
    expect(report.reason).toContain(message);
    expect(await storedIn(store, "kev")).toEqual([]);
  });

  test("can be named by an option for one run", () => {
    const configure = (catalogue: string) =>
      configureConnector(
        cisaKev,
        parseConfig(cisaKev.config, {}),
        { catalogue },
        pathsFrom(join(file, "..")),
      );
    save(1);
    expect(configure("kev.json").http.origin).toBeUndefined();
    expect(() => configure("none.json")).toThrow("--catalogue names a file that cannot be read");
  });
});
