import { distance } from "fastest-levenshtein";

/** The candidate that a misspelt or shortened name most likely stands for; undefined where none is close. */
export function findClosest(name: string, candidates: readonly string[]): string | undefined {
  const [closest] = candidates
    .map((candidate) => ({ candidate, edits: editsBetween(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.min(3, candidate.length * 0.4))
    .sort((one, other) => one.edits - other.edits);
  return closest?.candidate;
}

/** `mitre` is short for `mitre-taxii`. */
function editsBetween(name: string, candidate: string): number {
  const isShort = name.length >= 3 && candidate.split(/[-_]/).includes(name);
  return isShort ? 1 : distance(name, candidate);
}
