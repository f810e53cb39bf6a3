import { describe, expect, test } from "vitest";
import { z } from "zod";
import { demoReleases } from "./demo-releases.js";

const relationshipSchema = z.object({
  type: z.literal("relationship"),
  relationship_type: z.string(),
  source_ref: z.string(),
  target_ref: z.string(),
});
const contentsSchema = z.array(z.object({ object_ref: z.string(), object_modified: z.string() }));

describe.each(demoReleases)("the built-in $title $version", ({ objects, collectionId }) => {
  const ids = new Set(objects.map(({ id }) => id));

  test("has every object once, each with its dates and STIX 2.1", () => {
    expect(ids.size).toBe(objects.length);
    for (const { created, modified, type, spec_version } of objects) {
      expect(created).toBeDefined();
      expect(spec_version).toBe("2.1");
      if (type !== "marking-definition") {
        expect(modified).toBeDefined();
      }
    }
  });

  test("has relationships whose both ends are there", () => {
    const relationships = objects.flatMap((object) => relationshipSchema.safeParse(object).data ?? []);
    expect(relationships.length).toBeGreaterThan(20);
    for (const { source_ref, target_ref } of relationships) {
      expect(ids).toContain(source_ref);
      expect(ids).toContain(target_ref);
    }
    expect(relationships.map(({ relationship_type }) => relationship_type)).toEqual(
      expect.arrayContaining(["uses", "mitigates", "revoked-by"]),
    );
  });

  test("has something revoked and something deprecated", () => {
    expect(objects.filter(({ revoked }) => revoked === true)).toHaveLength(1);
    expect(objects.filter(({ x_mitre_deprecated }) => x_mitre_deprecated === true)).toHaveLength(1);
  });

  test("lists its contents in the collection object", () => {
    const collection = objects.find(({ id }) => id === collectionId);
    const contents = contentsSchema.parse(collection?.x_mitre_contents);
    const listed = contents.map(({ object_ref, object_modified }) => `${object_ref} ${object_modified}`);
    const others = objects.filter(({ id }) => id !== collectionId);
    expect(new Set(listed)).toEqual(
      new Set(others.map(({ id, modified, created }) => `${id} ${modified ?? created}`)),
    );
  });
});

describe("the two built-in ICS releases", () => {
  const versions = (release: string) => {
    const { objects = [] } =
      demoReleases.find(({ title, version }) => title === "ICS ATT&CK" && version === release) ?? {};
    return new Map(objects.map(({ id, modified }) => [id, modified]));
  };
  const older = versions("17.1");
  const newer = versions("18.1");

  test("differ by objects that are new, gone and modified", () => {
    expect([...newer.keys()].filter((id) => !older.has(id))).toHaveLength(6);
    expect([...older.keys()].filter((id) => !newer.has(id))).toHaveLength(1);
    const modified = [...newer].filter(([id, at]) => older.has(id) && older.get(id) !== at);
    expect(modified).toHaveLength(4);
  });
});
