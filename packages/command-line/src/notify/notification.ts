import type { NotifyEvent } from "../settings/program-config.js";

/** What a release changed in one data set. */
export interface ReleaseChanges {
  /** Such as `Enterprise ATT&CK`. */
  readonly name: string;
  /** The release that was stored before. */
  readonly from: string;
  readonly to: string;
  /** Such as `{ added: 12, modified: 40 }`. Absent: the release before is not stored as a whole. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** Figures of each event, for programs. Times are in ISO 8601. */
interface EventDetails {
  /** A connector failed several times in a row. Resolved: it succeeded. */
  readonly failing: { readonly since: string; readonly failures?: number; readonly reason?: string };
  /** A scheduled process could not open the database several times in a row. Resolved: it can. */
  readonly database: { readonly since: string; readonly failures?: number; readonly reason?: string };
  /** Data is older than MAX_DATA_AGE. Resolved: it is not any more. */
  readonly stale: { readonly lastSuccess: string; readonly maxAgeSeconds: number };
  /** Records may be missing for good, because the upstream no longer offers them. Resolved: they were loaded. */
  readonly gap: { readonly from: string; readonly to: string };
  /** The upstream lists something that could not be loaded. Resolved: nothing is missing. */
  readonly missing: { readonly names: readonly string[] };
  /** A new release was loaded. */
  readonly release: { readonly changes: readonly ReleaseChanges[] };
  readonly test: Readonly<Record<string, never>>;
}

/** What is sent, whatever the format: as JSON, version 1 of it. Fields are added, never renamed or removed. */
export interface Notification<Event extends keyof EventDetails = keyof EventDetails> {
  readonly version: 1;
  /** The same each time this notification is sent, so that a receiver can drop one that it got twice. */
  readonly id: string;
  readonly event: NotifyEvent | "test";
  /** The trouble is over. */
  readonly resolved: boolean;
  readonly severity: "error" | "warning" | "info";
  readonly time: string;
  readonly program: "cti-connectors";
  /** Name of the database. */
  readonly database: string;
  /** null: of the whole program. */
  readonly connector: string | null;
  /** One line. */
  readonly title: string;
  /** One line or several. Empty: the title says it all. */
  readonly text: string;
  readonly details: EventDetails[Event];
}

/** What a notification says; the rest is the same for all of a run. */
export type Message = Omit<Notification, "version" | "time" | "program" | "database">;

/** Where and when a notification comes from. */
export interface Origin {
  readonly database: string;
  readonly now: Date;
}

export function createNotification(message: Message, { database, now }: Origin): Notification {
  const { id, event, resolved, severity, connector, title, text, details } = message;
  return {
    ...{ version: 1, id: `${database}/${id}`, event, resolved, severity },
    ...{ time: now.toISOString(), program: "cti-connectors", database, connector, title, text, details },
  };
}
