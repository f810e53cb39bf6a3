/** A file is not an export of ThreatFox, or a part of one only. The message names the file, and where in it. */
export class ExportFileError extends Error {
  override readonly name = "ExportFileError";
}
