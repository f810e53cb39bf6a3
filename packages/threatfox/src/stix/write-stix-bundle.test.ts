import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { StoredIoc } from "../output/stored-ioc.js";
import { oddRecord } from "../testing/odd-records.js";
import { stixBundle } from "../testing/stix-bundle.js";
import { cobaltStrike, storeIoc, streamOf, textOf } from "../testing/stored-ioc.js";
import { toStixObjects } from "./to-stix-objects.js";
import { writeStixBundle, writeStixBundles } from "./write-stix-bundle.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

async function bundleOf(...iocs: readonly StoredIoc[]) {
  return stixBundle.parse(JSON.parse(await textOf(writeStixBundle(streamOf(...iocs)))));
}

const typesOf = ({ objects }: Awaited<ReturnType<typeof bundleOf>>) => objects.map(({ type }) => type);

test("a bundle holds the marking, the identity, the indicators and each family once", async () => {
  const bundle = await bundleOf(
    storeIoc(cobaltStrike),
    storeIoc({ ...cobaltStrike, id: "900002", ioc: "[2001:db8::1]:443" }),
    storeIoc({ ...cobaltStrike, id: "900003", malware: null, malware_printable: null }),
    storeIoc({ ...cobaltStrike, id: "900004", malware: "unknown", malware_printable: "Unknown malware" }),
  );
  expect(typesOf(bundle)).toEqual([
    ...["marking-definition", "identity"],
    ...["indicator", "relationship", "indicator", "relationship", "indicator", "indicator"],
    "malware",
  ]);
});

test.each(["unknown", "unknown_rat", "unknown_stealer", "unknown_loader", "apk.unknown"])(
  "an IOC of %s is an indicator alone",
  async (malware) => {
    const bundle = await bundleOf(storeIoc({ ...cobaltStrike, malware, malware_printable: "Unknown X" }));
    expect(typesOf(bundle)).toEqual(["marking-definition", "identity", "indicator"]);
  },
);

test("nothing selected is a bundle, too", async () => {
  expect(typesOf(await bundleOf())).toEqual(["marking-definition", "identity"]);
});

test("a family is as its newest IOC tells, in whatever order they come", async () => {
  const older = storeIoc({ ...cobaltStrike, malware_printable: "CobaltStrike" }, "2026-01-03T00:00:00.000Z");
  const newer = storeIoc(
    { ...cobaltStrike, id: "900002", malware_alias: "BEACON" },
    "2026-01-04T00:00:00.000Z",
  );
  const familyOf = async (...iocs: readonly StoredIoc[]) =>
    (await bundleOf(...iocs)).objects.filter(({ type }) => type === "malware");
  const families = await familyOf(older, newer);
  expect(families).toMatchObject([
    {
      name: "Cobalt Strike",
      aliases: ["BEACON"],
      created: "2021-01-01T00:00:00.000Z",
      modified: "2026-01-04T00:00:00.000Z",
      external_references: [
        {
          source_name: "Malpedia",
          external_id: "win.cobalt_strike",
          url: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
        },
      ],
    },
  ]);
  expect(await familyOf(newer, older)).toEqual(families);
  // What changed since then has the same family.
  expect(await familyOf(newer)).toEqual(families);
});

test("an IOC of another family than before has a new version of its relationship", () => {
  const relationOf = (ioc: StoredIoc) => toStixObjects(ioc).find((object) => object.type === "relationship");
  const before = relationOf(storeIoc(cobaltStrike));
  const other = storeIoc({ ...cobaltStrike, malware: "win.remcos" }, "2026-02-01T00:00:00.000Z");
  expect(relationOf(other)).toEqual({
    ...before,
    modified: "2026-02-01T00:00:00.000Z",
    target_ref: toStixObjects(other).find((object) => object.type === "malware")?.id,
  });
  expect(relationOf(other)?.target_ref).not.toBe(before?.target_ref);
});

test("the same IOCs are the same bundle to the byte, and others have another id", async () => {
  const iocs = [storeIoc(cobaltStrike), storeIoc({ ...cobaltStrike, id: "900002" })];
  const text = await textOf(writeStixBundle(streamOf(...iocs)));
  expect(await textOf(writeStixBundle(streamOf(...iocs)))).toBe(text);
  expect((await bundleOf(...iocs.slice(1))).id).not.toBe(stixBundle.parse(JSON.parse(text)).id);
});

test("an IOC without a pattern is told, not dropped in silence", async () => {
  const leftOut: string[] = [];
  const iocs = streamOf(
    storeIoc({ ...cobaltStrike, ioc_type: "yara" }),
    storeIoc({ ...cobaltStrike, id: "900002" }),
  );
  const text = await textOf(writeStixBundle(iocs, { onLeftOut: ({ _id }) => leftOut.push(_id) }));
  expect(leftOut).toEqual(["900001"]);
  expect(typesOf(stixBundle.parse(JSON.parse(text)))).toHaveLength(5);
});

describe("in bundles of a size", () => {
  const iocs = [
    storeIoc(cobaltStrike),
    storeIoc({ ...cobaltStrike, id: "900002", ioc_type: "yara" }),
    storeIoc({ ...cobaltStrike, id: "900003", malware: "win.remcos" }),
    storeIoc({ ...cobaltStrike, id: "900004" }),
    storeIoc({ ...cobaltStrike, id: "900005", malware: "unknown" }),
    storeIoc({ ...cobaltStrike, id: "900006" }),
  ];
  async function textsOf(some: readonly StoredIoc[], size: number, onLeftOut?: () => void) {
    const texts: string[] = [];
    for await (const text of writeStixBundles(streamOf(...some), { size, ...(onLeftOut && { onLeftOut }) })) {
      texts.push(await textOf(text));
    }
    return texts;
  }

  test.each([
    [1, [1, 1, 1, 1, 1]],
    [2, [2, 2, 1]],
    [4, [4, 1]],
    [5, [5]],
    [1_000, [5]],
  ])("%i: indicators %j, each bundle complete, each IOC in one of them", async (size, expected) => {
    let leftOut = 0;
    const texts = await textsOf(iocs, size, () => {
      leftOut += 1;
    });
    const bundles = texts.map((text) => stixBundle.parse(JSON.parse(text)).objects);
    const indicators = bundles.map((objects) => objects.filter(({ type }) => type === "indicator"));
    expect(indicators.map(({ length }) => length)).toEqual(expected);
    expect(indicators.flat().map(({ id }) => id)).toEqual(
      iocs.flatMap((ioc) => (ioc.enriched.stix_pattern === null ? [] : [ioc.enriched.stix_id])),
    );
    expect(leftOut).toBe(1);
    expect(await textsOf(iocs, size)).toEqual(texts);
  });

  test("one that holds all is the bundle that is not split", async () => {
    expect(await textsOf(iocs, 100)).toEqual([await textOf(writeStixBundle(streamOf(...iocs)))]);
  });

  test("nothing selected is one bundle", async () => {
    expect(await textsOf([], 10)).toEqual([await textOf(writeStixBundle(streamOf()))]);
  });

  test("no more than one IOC is read ahead, and a reader that stops ends the reading", async () => {
    let read = 0;
    let isEnded = false;
    async function* counting() {
      try {
        for (const ioc of iocs) {
          read += 1;
          yield ioc;
        }
      } finally {
        isEnded = true;
      }
    }
    for await (const text of writeStixBundles(counting(), { size: 1 })) {
      await textOf(text);
      break;
    }
    expect({ read, isEnded }).toEqual({ read: 3, isEnded: true });
  });
});

test("whatever a record holds, the bundle is as the specification wants it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(oddRecord, { maxLength: 20, selector: ({ id }) => id.trim() }),
      async (records) => {
        const iocs = records.map((record) => storeIoc(record));
        let leftOut = 0;
        const text = await textOf(
          writeStixBundle(streamOf(...iocs), {
            onLeftOut() {
              leftOut += 1;
            },
          }),
        );
        const { objects } = stixBundle.parse(JSON.parse(text));
        expect(objects.filter(({ type }) => type === "indicator")).toHaveLength(iocs.length - leftOut);
      },
    ),
    { seed: 20_261_126, numRuns: 200 },
  );
});
