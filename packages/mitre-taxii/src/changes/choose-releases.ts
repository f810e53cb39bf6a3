import type { StoredRelease } from "./find-releases.js";

/**
 * Which of the stored releases are compared: those asked for; without one the other's predecessor or the newest, without both the two
 * newest. Or why there are none.
 *
 * @param stored oldest first
 */
export function chooseReleases(
  stored: readonly StoredRelease[],
  from: string | undefined,
  to: string | undefined,
): { readonly from: StoredRelease; readonly to: StoredRelease } | { readonly reason: string } {
  const newest = stored.at(-1);
  if (newest === undefined) {
    return { reason: "no release of it is stored" };
  }
  const known = `stored: ${stored.map(({ name }) => name).join(", ")}`;
  for (const name of [from, to]) {
    if (name !== undefined && !stored.some((release) => release.name === name)) {
      return { reason: `its release ${name} is not stored (${known})` };
    }
  }
  if (from === undefined && stored.length === 1) {
    return { reason: `only release ${newest.name} is stored` };
  }
  const end = to === undefined ? stored.length - 1 : stored.findIndex(({ name }) => name === to);
  const start = from === undefined ? end - 1 : stored.findIndex(({ name }) => name === from);
  const [older, newer] = [stored[start], stored[end]];
  if (older === undefined || newer === undefined) {
    return { reason: `no release before ${to} is stored (${known})` };
  }
  if (to === undefined && start === end) {
    return { reason: `no release after ${from} is stored (${known})` };
  }
  return { from: older, to: newer };
}
