import { z } from "zod";

/** Identifies the file of an export: if it is the same as before, its first `records` are stored. */
export const exportIdentity = z.object({
  /** Path or URL, without secrets. */
  place: z.string(),
  /** Its length. */
  bytes: z.number(),
  /** The time of a file's last change; the entity tag or date of a download. */
  version: z.string(),
});
/** @see exportIdentity */
export type ExportIdentity = z.output<typeof exportIdentity>;

/** An export that is being loaded. */
export const exportProgress = z.object({
  ...exportIdentity.shape,
  /** When it was downloaded, in ISO 8601. */
  downloaded_at: z.string().exactOptional(),
  /** How many of its records are stored, or in quarantine. */
  records: z.number(),
  /** Whether any of these names an IOC. */
  holds_ioc: z.literal(true).exactOptional(),
  /** When the oldest and the newest of these were first seen, in ISO 8601. */
  oldest: z.string().exactOptional(),
  newest: z.string().exactOptional(),
});
/** @see exportProgress */
export type ExportProgress = z.output<typeof exportProgress>;

/** What is in a file, unpacked as it is read. */
export interface UnpackedFile {
  /** May be gone through once. Throws where the packed data is damaged. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes of the file as it lies there, packed or not; `read` counts up as `chunks` are taken. */
  readonly bytes: { readonly read: number; readonly total: number };
}

/** A file is not a complete ThreatFox export. The message names the file and the place in it. */
export class ExportFileError extends Error {
  override readonly name = "ExportFileError";
}
