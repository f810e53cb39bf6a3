import type { ReleasesLoad } from "./releases-load.js";
import { nameOfRelease, type PinnedRelease } from "./select-releases.js";

/**
 * A release that lacks a collection which newer and older ones have may have listed too few of them for once: its list is asked for once
 * more in the next run.
 *
 * @returns whether there is such a release
 */
export function doubtShortLists(load: ReleasesLoad): boolean {
  const releases = [load.current, ...load.session.earlier];
  let isDoubted = false;
  for (const [index, { version, url }] of releases.entries()) {
    const listed = load.listedIn.get(version);
    if (index === 0 || listed === undefined || load.known.get(url)?.listing === "confirmed") continue;
    const idsOf = (some: readonly PinnedRelease[]) =>
      new Set(some.flatMap((release) => load.listedIn.get(release.version) ?? []));
    const newer = idsOf(releases.slice(0, index));
    const older = idsOf(releases.slice(index + 1));
    const lacking = [...newer].filter((id) => older.has(id) && !listed.includes(id));
    if (lacking.length === 0) continue;
    isDoubted = true;
    load.remember(url, { listing: "doubted" });
    for (const id of lacking) load.failed.note(`${nameOfRelease(version)}/${id}`);
    load.context.log.warn(
      { release: version, collections: lacking.join(", ") },
      `${nameOfRelease(version)} does not list ${lacking.join(", ")}, which newer and older releases have: its list is asked for once more in the next run`,
    );
  }
  return isDoubted;
}
