import { nameOfRelease, type PinnedRelease } from "../session/select-releases.js";
import { type ReleasesLoad, rememberRelease } from "./begin-releases-load.js";

/**
 * A release that lacks a collection which newer and older ones have, or the newest one where it lacks a collection of the one before it, may
 * have listed too few of them for once: the next run requests its list once more.
 *
 * @returns whether there is something new to remember
 */
export function doubtShortLists(load: ReleasesLoad): boolean {
  const doubtful = lackedByNewest(load);
  if (doubtful.length > 0) {
    warnOfShortList(load, load.current.version, doubtful, "the release before it lists");
  }
  return doubtEarlierLists(load);
}

/** What is known of the newest one is remembered with its API root. */
function lackedByNewest({ session, current, listedIn }: ReleasesLoad): readonly string[] {
  if (session.unread !== undefined) {
    return [];
  }
  const before = session.earlier
    .map(({ version }) => listedIn.get(version))
    .find((listed) => listed !== undefined);
  const { doubted, confirmed } = session.lacking;
  const settled = [...(listedIn.get(current.version) ?? []), ...confirmed];
  return [...new Set([...doubted, ...(before ?? [])])].filter((id) => !settled.includes(id));
}

function doubtEarlierLists(load: ReleasesLoad): boolean {
  const releases = [load.current, ...load.session.earlier];
  let isDoubted = false;
  for (const [index, { version, url }] of releases.entries()) {
    const listed = load.listedIn.get(version);
    if (index === 0 || listed === undefined || load.known.get(url)?.listing === "confirmed") {
      continue;
    }
    const idsOf = (some: readonly PinnedRelease[]) =>
      new Set(some.flatMap((release) => load.listedIn.get(release.version) ?? []));
    const newer = idsOf(releases.slice(0, index));
    const older = idsOf(releases.slice(index + 1));
    const lacking = [...newer].filter((id) => older.has(id) && !listed.includes(id));
    if (lacking.length === 0) {
      continue;
    }
    isDoubted = true;
    rememberRelease(load, url, { listing: "doubted" });
    warnOfShortList(load, version, lacking, "newer and older releases list");
  }
  return isDoubted;
}

function warnOfShortList(
  { session, failed }: ReleasesLoad,
  version: string,
  lacking: readonly string[],
  others: string,
): void {
  for (const id of lacking) {
    failed.names.add(`${nameOfRelease(version)}/${id}`);
  }
  session.log.warn(
    { release: version, collections: lacking.join(", ") },
    `${nameOfRelease(version)} does not list ${lacking.join(", ")}, which ${others}: the next run requests its list once more`,
  );
}
