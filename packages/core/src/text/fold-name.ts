/**
 * A name as it is compared and searched: NFKD, in lower case, only its letters and digits. `Cobalt Strike`, `cobalt-strike` and
 * `CobaltStrike` are all `cobaltstrike`; `Máquina №1` is `maquinano1`.
 *
 * @returns "" for a name without letters and digits: it matches nothing
 */
export function foldName(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "");
}

/** Names folded, each once, without those that have no letters and digits. */
export function foldNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(foldName).filter((name) => name !== ""))];
}
