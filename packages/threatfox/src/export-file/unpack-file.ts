import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { countBytes, isGzip, readStart, unpackGzip } from "@cti-connectors/core";
import { ExportFileError, type UnpackedFile } from "./export-file.js";
import { unpackZip } from "./unpack-zip.js";

const chunkBytes = 65_536;

/**
 * Opens a file that is packed as zip, as gzip, or not at all: its first bytes tell. Chunks are bounded, however much the
 * file unpacks to.
 *
 * @param name for errors
 * @throws ExportFileError if it is not a regular file, or a zip archive that cannot be unpacked; `chunks` throw
 * FileContentError at a gzip bomb
 * @throws what the file system throws
 */
export async function unpackFile(file: string, name: string): Promise<UnpackedFile> {
  const found = await stat(file);
  if (!found.isFile()) {
    throw new ExportFileError(
      `${name} is not a file: an export of ThreatFox was expected, compressed or not`,
    );
  }
  const start = await readStart(file);
  if (start.subarray(0, 2).toString("latin1") === "PK") {
    return unpackZip(file, name);
  }
  const bytes = { read: 0, total: found.size };
  const chunks = countBytes(createReadStream(file, { highWaterMark: chunkBytes }), bytes);
  return { bytes, chunks: isGzip(start) ? unpackGzip(chunks, bytes) : chunks };
}
