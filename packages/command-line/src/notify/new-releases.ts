import { type ConfiguredConnector, createNotificationState, type Store } from "@cti-connectors/core/host";
import { z } from "zod";
import { describeRelease } from "./describe-news.js";
import type { Message, ReleaseChanges } from "./notification.js";

/** Id of a data set → its newest release. */
const versions = z.record(z.string(), z.string());

/** Connectors whose upstream has releases, and where they are stored. */
interface ReleaseOptions {
  readonly connector: Pick<ConfiguredConnector, "name" | "findNewestReleases">;
  readonly store: Store;
}

/** Records the stored releases before the first run, so that no notification calls them new. */
export async function rememberReleases({ connector, store }: ReleaseOptions): Promise<void> {
  const notifications = createNotificationState(store);
  const subject = subjectOf(connector);
  if (connector.findNewestReleases !== undefined && (await notifications.read(subject)) === undefined) {
    const newest = await connector.findNewestReleases(store.reader);
    await notifications.notify(subject, { from: undefined, to: written(newest) }, async () => {});
  }
}

/** Notifies users of releases since the last notification. A data set that is stored for the first time is not reported. */
export async function notifyOfReleases(
  { connector, store }: ReleaseOptions,
  { command, send }: { readonly command: string; readonly send: (message: Message) => Promise<void> },
): Promise<void> {
  const newest = (await connector.findNewestReleases?.(store.reader)) ?? [];
  const notifications = createNotificationState(store);
  const subject = subjectOf(connector);
  const from = await notifications.read(subject);
  const before = from === undefined ? {} : versions.parse(JSON.parse(from));
  const to = written(newest);
  if (newest.length === 0 || from === to) {
    return;
  }
  const changes: ReleaseChanges[] = [];
  for (const { id, name, version, countChanges } of newest) {
    const known = before[id];
    if (known !== undefined && known !== version) {
      const counts = await countChanges(known);
      changes.push({ name, from: known, to: version, ...(counts && { counts }) });
    }
  }
  await notifications.notify(subject, { from, to }, async () => {
    if (changes.length > 0) {
      await send(describeRelease(connector.name, changes, command));
    }
  });
}

function subjectOf({ name }: Pick<ConfiguredConnector, "name">): string {
  return `release/${name}`;
}

function written(newest: readonly { readonly id: string; readonly version: string }[]): string {
  const entries = newest.map(({ id, version }) => [id, version] as const);
  return JSON.stringify(Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1))));
}
