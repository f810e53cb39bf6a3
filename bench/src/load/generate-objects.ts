import type { JsonObject } from "@cti-connectors/core";

/** Length of an object of Enterprise 18.1 as JSON, in characters, by share of objects that are at most this long. */
const lengths: readonly (readonly [share: number, length: number])[] = [
  [0, 370],
  [0.01, 640],
  [0.05, 673],
  [0.1, 911],
  [0.25, 1_077],
  [0.5, 1_168],
  [0.75, 1_447],
  [0.9, 1_930],
  [0.95, 2_506],
  [0.99, 4_329],
  [0.999, 8_143],
  [1, 33_520],
];

const largestLength = 2_816_020;
const words = [
  "adversary",
  "command",
  "credential",
  "discovery",
  "execution",
  "lateral",
  "persistence",
  "registry",
];

/** Objects in number and size like those of Enterprise 18.1, one of 2.8 MB among them; the same ones on each call. */
export function generateObjects(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) =>
    generateObject(index, index === 0 ? largestLength : lengthAt((index * 7_919) % count, count)),
  );
}

function lengthAt(rank: number, count: number): number {
  const share = rank / count;
  const upper = lengths.findIndex(([limit]) => limit > share);
  const [from, shorter] = lengths[upper - 1] ?? [0, 370];
  const [to, longer] = lengths[upper] ?? [1, 33_520];
  return Math.round(shorter + ((longer - shorter) * (share - from)) / (to - from));
}

function generateObject(index: number, length: number): JsonObject {
  const type = index % 5 === 0 ? "attack-pattern" : "relationship";
  const text: string[] = [];
  for (let written = 300, next = index; written < length; next += 1) {
    const word = words[(next * 31 + text.length) % words.length] ?? "";
    text.push(word);
    written += word.length + 1;
  }
  return {
    type,
    id: `${type}--00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
    name: `Generated ${index}`,
    modified: "2025-10-24T17:48:19.059Z",
    ...(type === "attack-pattern" && {
      external_references: [{ source_name: "mitre-attack", external_id: `T${1_000 + index}` }],
    }),
    description: text.join(" "),
  };
}
