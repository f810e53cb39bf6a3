import type { LoadDocument } from "@cti-connectors/core";
import { describe, expect, test } from "vitest";
import { tool } from "../testing/write-bundle.js";
import { objectDocument } from "./object-document.js";
import { reconcileObject, reconcileVersions } from "./reconcile-releases.js";
import { versionsDocument } from "./versions-document.js";

const id = "x-mitre-collection--1";
const at = "2024-01-01T00:00:00.000Z";

/** One version of an object as a release words it; no release: as the latest root does. */
function worded(description: string, release?: string): LoadDocument {
  return objectDocument({ collection_id: id, object: tool("a", at, { description }), release }, {});
}

function loadAll(
  documents: readonly LoadDocument[],
  reconcile: (document: LoadDocument, stored: LoadDocument) => LoadDocument,
): LoadDocument {
  const [first, ...others] = documents;
  if (first === undefined) {
    throw new TypeError("expected documents");
  }
  return others.reduce((stored, document) => reconcile(document, stored), first);
}

function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) {
    return [items];
  }
  return items.flatMap((first, index) =>
    ordersOf(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

describe("an object of several releases", () => {
  const releases = [worded("old", "9.0"), worded("middle", "10.1"), worded("new", "18.1")];

  test.each(ordersOf([0, 1, 2]))("has the content of the newest in the order %d, %d, %d", (...order) => {
    const document = loadAll(
      order.flatMap((index) => releases[index] ?? []),
      reconcileObject,
    );
    expect(document).toEqual({
      ...worded("new"),
      enriched: { ...worded("new").enriched, releases: ["9.0", "10.1", "18.1"] },
    });
  });

  test("is as it was where a release comes again", () => {
    const document = loadAll(releases, reconcileObject);
    for (const release of releases) {
      expect(reconcileObject(release, document)).toEqual(document);
    }
  });

  test("keeps that it is of the past", () => {
    const past = { ...worded("old", "9.0"), removed: "superseded" } as const;
    expect(reconcileObject(past, worded("new", "18.1")).removed).toBe("superseded");
    expect(reconcileObject(worded("new", "18.1"), past).removed).toBeUndefined();
  });

  test("takes the content of the latest root, and knows its releases still", () => {
    const document = loadAll([...releases, worded("newest")], reconcileObject);
    expect(document.data).toEqual(worded("newest").data);
    expect(document.enriched.releases).toEqual(["9.0", "10.1", "18.1"]);
  });
});

describe("an object of the latest root", () => {
  test("is replaced by the latest root, and knows no release", () => {
    expect(reconcileObject(worded("new"), worded("old"))).toEqual(worded("new"));
  });

  test("becomes one of the release that it is found in", () => {
    expect(reconcileObject(worded("named", "18.1"), worded("latest"))).toEqual(worded("named", "18.1"));
  });
});

describe("the versions of an object", () => {
  const listed = (versions: readonly string[], ...releases: string[]) =>
    versionsDocument({ collection_id: id, object_id: "tool--a", versions, releases });
  const [first, second, third] = [1, 2, 3].map((day) => `2024-01-0${day}T00:00:00.000Z`);

  test("are those of all its releases, in whatever order they come", () => {
    const releases = [
      listed([`${first}`], "9.0"),
      listed([`${second}`], "10.1"),
      listed([`${third}`], "18.1"),
    ];
    for (const order of ordersOf(releases)) {
      expect(loadAll(order, reconcileVersions)).toEqual(
        listed([`${first}`, `${second}`, `${third}`], "9.0", "10.1", "18.1"),
      );
    }
  });

  test("stay where the latest root has one of them only", () => {
    const stored = listed([`${first}`, `${second}`], "17.1", "18.1");
    expect(reconcileVersions(listed([`${second}`]), stored)).toEqual(stored);
    expect(reconcileVersions(listed([`${first}`], "17.1"), listed([`${second}`]))).toEqual(
      listed([`${first}`, `${second}`], "17.1"),
    );
  });

  test("are replaced where no release was asked for", () => {
    expect(reconcileVersions(listed([`${second}`]), listed([`${first}`]))).toEqual(listed([`${second}`]));
  });
});
