import { type FamilyLinks, linkFamilies } from "@cti-connectors/pivot";
import { hasRealData, nameRealData } from "@cti-connectors/sandbox/testing";
import type { BenchOptions } from "../bench-options.js";
import { formatTable } from "../format-table.js";
import { describe, explainMiss, type Miss } from "./explain-miss.js";
import {
  bundleFiles,
  type DescribedSoftware,
  exportFile,
  pairsFile,
  readFamilies,
  readPairs,
  readSoftware,
  type SimilarPair,
} from "./read-sources.js";

/** How the links compare with the pairs of others. */
export interface LinkQuality {
  readonly pairs: number;
  /** Pairs that are linked, directly or with what takes the place of revoked software. */
  readonly found: number;
  /** Links of the families in the pairs. */
  readonly links: number;
  readonly precision: number;
  readonly recall: number;
  readonly misses: readonly Miss[];
  /** All families, those of the export too. */
  readonly families: number;
  readonly linked: number;
  readonly ambiguous: number;
  readonly ms: number;
}

/** Links all families, and compares the links with what MISP galaxy's clusters relate. */
export async function measureLinks({ print }: Pick<BenchOptions, "print">): Promise<LinkQuality | undefined> {
  const files = [...bundleFiles, exportFile, pairsFile];
  if (!hasRealData(...files)) {
    print(nameRealData("links", ...files));
    return undefined;
  }
  const pairs = readPairs();
  const families = readFamilies(pairs);
  const software = readSoftware();
  const startedAt = performance.now();
  const all = linkFamilies(families, software);
  const ms = performance.now() - startedAt;
  const quality = { ...compare(pairs, all, software), ms };
  print(formatQuality(quality));
  return quality;
}

function compare(
  pairs: readonly SimilarPair[],
  all: readonly FamilyLinks[],
  software: readonly DescribedSoftware[],
): Omit<LinkQuality, "ms"> {
  const byKey = new Map(all.map((links) => [links.family.malware, links]));
  const isLinked = ({ malpedia, attack_id }: SimilarPair) =>
    byKey
      .get(malpedia)
      ?.links.some((link) => link.attack_id === attack_id || link.successor_of.includes(attack_id)) === true;
  const isExpected = (malware: string, ids: readonly string[]) =>
    pairs.some(({ malpedia, attack_id }) => malpedia === malware && ids.includes(attack_id));
  const related = new Set(pairs.map(({ malpedia }) => malpedia));
  const links = all
    .filter(({ family }) => related.has(family.malware))
    .flatMap(({ family, links: found }) => found.map((link) => ({ malware: family.malware, link })));
  const expected = links.filter(({ malware, link }) =>
    isExpected(malware, [link.attack_id, ...link.successor_of]),
  );
  const found = pairs.filter(isLinked);
  const count = (state: FamilyLinks["state"]) => all.filter((one) => one.state === state).length;
  return {
    pairs: pairs.length,
    found: found.length,
    links: links.length,
    precision: expected.length / links.length,
    recall: found.length / pairs.length,
    misses: [
      ...pairs
        .filter((pair) => !isLinked(pair))
        .map((pair) => explainMiss(pair, byKey.get(pair.malpedia), software)),
      ...links
        .filter((link) => !expected.includes(link))
        .map(({ malware, link }) => ({
          pair: `${malware} ${link.attack_id} ${link.name}`,
          kind: "not in the list" as const,
          because: `linked by ${link.found_by} (${link.names.join(", ")})`,
          facts: describe(link.attack_id, software),
        })),
    ],
    families: all.length,
    linked: count("linked"),
    ambiguous: count("ambiguous"),
  };
}

function formatQuality(quality: LinkQuality): string {
  const { pairs, found, links, precision, recall, misses, families, linked, ambiguous, ms } = quality;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return [
    `links: ${families} families, ${linked} linked and ${ambiguous} ambiguous, in ${ms.toFixed(0)} ms`,
    formatTable(
      ["", "pairs", "found", "recall", "links", "precision"],
      [["MISP galaxy", `${pairs}`, `${found}`, percent(recall), `${links}`, percent(precision)]],
    ),
    ...misses.map(({ pair, kind, because, facts }) => [`${kind}: ${pair}`, because, ...facts].join("\n  ")),
  ].join("\n\n");
}
