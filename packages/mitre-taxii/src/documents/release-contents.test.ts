import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { describe, expect, test, vi } from "vitest";
import { contentsOf } from "../testing/database.js";
import { load } from "../testing/pipeline.js";
import { requestsOf, useServers } from "../testing/start-servers.js";
import { attackRelease, wordedRelease } from "../testing/write-bundle.js";
import { listsAllVersions, readReleaseContents } from "./release-contents.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const id = "x-mitre-collection--1";
const early = "2024-01-01T00:00:00.000Z";
const late = "2025-01-01T00:00:00.000Z";

/** What a manifest lists: pairs of object id and version. */
function manifestOf(...records: readonly (readonly [string, string])[]) {
  const versions = new Map<string, string[]>();
  for (const [object, version] of records) {
    versions.set(object, [...(versions.get(object) ?? []), version]);
  }
  return versions;
}

describe("the contents of a release", () => {
  test("are all object versions that it names", () => {
    const release = attackRelease(id, "1.0", early);
    const contents = [
      { object_ref: "tool--a", object_modified: early },
      { object_ref: "tool--a", object_modified: late },
      { object_ref: "tool--b", object_modified: late },
    ];
    expect(readReleaseContents({ ...release, x_mitre_contents: contents })).toEqual(
      new Map([
        ["tool--a", [early, late]],
        ["tool--b", [late]],
      ]),
    );
  });

  test.each([undefined, [], "none", [{ object_ref: "tool--a" }], [{ object_modified: early }]])(
    "are none where there is no list of them: %j",
    (contents) => {
      const { x_mitre_contents: _, ...release } = attackRelease(id, "1.0", early);
      expect(
        readReleaseContents(contents === undefined ? release : { ...release, x_mitre_contents: contents }),
      ).toBeUndefined();
    },
  );
});

describe("a manifest", () => {
  const contents = new Map([
    ["tool--a", [early]],
    ["tool--b", [late]],
  ]);
  const own = [id, late] as const;

  test("lists all versions where it lists what the release contains, itself and markings", () => {
    const manifest = manifestOf(
      own,
      ["marking-definition--1", early],
      ["tool--a", "2024-01-01T00:00:00Z"],
      ["tool--b", late],
    );
    expect(listsAllVersions(id, manifest, contents)).toBe(true);
  });

  test.each([
    { why: "a version that it lists is another", records: [["tool--a", late] as const] },
    {
      why: "an object is not in the release",
      records: [["tool--a", early] as const, ["tool--c", early] as const],
    },
    { why: "it lists an object less", records: [] },
  ])("may not where $why", ({ records }) => {
    expect(listsAllVersions(id, manifestOf(own, ["tool--b", late], ...records), contents)).toBe(false);
  });

  test("may not where the release contains two versions of an object", () => {
    const several = new Map([...contents, ["tool--a", [early, late]]]);
    const manifest = manifestOf(own, ["tool--a", late], ["tool--b", late]);
    expect(listsAllVersions(id, manifest, several)).toBe(false);
  });
});

describeOnEmbedded("all versions are", (openDatabase) => {
  const servers = useServers();
  const older = wordedRelease({
    collectionId: id,
    version: "17.1",
    at: early,
    tools: { a: early, b: early },
  });
  const newer = wordedRelease({ collectionId: id, version: "18.1", at: late, tools: { a: late, b: early } });

  async function loadFrom(flavor: "attack" | "standard") {
    const sandbox = await servers.start([older, newer], { flavor });
    const database = await openDatabase();
    await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    return {
      versions: (await contentsOf(database)).versions?.[`${id}/tool--a`]?.content.data,
      questions: requestsOf(sandbox).filter((url) => url.includes("match[version]=all")),
    };
  }

  test("not asked for where each API root holds one release, and its contents are those of the manifest", async () => {
    const { versions, questions } = await loadFrom("attack");
    expect(questions).toEqual([]);
    expect(versions).toMatchObject({ versions: { versions: [late] } });
  });

  test("asked for on other servers, which keep older versions beside the release", async () => {
    const { versions, questions } = await loadFrom("standard");
    expect(questions).toHaveLength(1);
    expect(versions).toMatchObject({ versions: { versions: [early, late] } });
  });
});
