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
