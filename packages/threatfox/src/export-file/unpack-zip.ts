import { crc32, createInflateRaw } from "node:zlib";
import { countBytes, isDecompressionBomb, pipeThrough } from "@cti-connectors/core";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { ExportFileError, type UnpackedFile } from "./export-file.js";

const methods = { stored: 0, deflated: 8 } as const;
const chunkBytes = 65_536;

/**
 * Opens the export in a zip archive, zip64 too, stored or deflated: its only file named `.json` or `.csv`, or else its
 * first file. Its length and checksum are verified as it is read.
 *
 * @param name for errors
 * @throws ExportFileError where the archive is damaged, encrypted, a bomb, or holds no file or several exports
 */
export async function unpackZip(file: string, name: string): Promise<UnpackedFile> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw damaged(error, name);
  });
  try {
    const entry = await findEntry(zip, name);
    checkEntry(entry, name);
    const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
    const bytes = { read: 0, total: entry.compressedSize };
    const counted = countBytes(packed, bytes);
    const chunks =
      entry.compressionMethod === methods.stored
        ? counted
        : pipeThrough<Buffer>(counted, createInflateRaw({ chunkSize: chunkBytes }));
    return { bytes, chunks: verify(chunks, entry) };
  } finally {
    // The stream keeps the file open until it is read.
    zip.close();
  }
}

async function findEntry(zip: ZipFile, name: string): Promise<Entry> {
  let first: Entry | undefined;
  const exported: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (/\.(?:json|csv)$/iu.test(entry.fileName) && !entry.fileName.startsWith("__MACOSX/")) {
        exported.push(entry);
      }
      if (exported.length > 1) {
        break;
      }
      first ??= entry.fileName.endsWith("/") ? undefined : entry;
    }
  } catch (error) {
    throw damaged(error, name);
  }
  const [found = first, another] = exported;
  if (another !== undefined) {
    throw new ExportFileError(
      `${name} contains several exports, such as ${found?.fileName} and ${another.fileName}: unpack it, and load them one by one`,
    );
  }
  if (found === undefined) {
    throw new ExportFileError(`${name} is a zip archive without a file: one with full.json was expected`);
  }
  return found;
}

function checkEntry(entry: Entry, name: string): void {
  const inside = `${entry.fileName} in ${name}`;
  if (entry.isEncrypted()) {
    throw new ExportFileError(`${inside} is encrypted: unpack it, and load the file inside`);
  }
  if (!Object.values<number>(methods).includes(entry.compressionMethod)) {
    throw new ExportFileError(
      `${inside} is packed with method ${entry.compressionMethod} of zip, which is not supported: unpack it, and load the file inside`,
    );
  }
  const { compressedSize, uncompressedSize } = entry;
  if (isDecompressionBomb(compressedSize, uncompressedSize)) {
    throw new ExportFileError(
      `${inside} would unpack from ${compressedSize} to ${uncompressedSize} bytes, which no export does: it looks like a zip bomb`,
    );
  }
}

async function* verify(chunks: AsyncIterable<Buffer>, entry: Entry): AsyncGenerator<Buffer> {
  let size = 0;
  let checksum = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > entry.uncompressedSize) {
      break;
    }
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (size !== entry.uncompressedSize) {
    throw new ExportFileError(
      `it is damaged: ${entry.fileName} in it should unpack to ${entry.uncompressedSize} bytes, but unpacks to ${size > entry.uncompressedSize ? "more" : size}`,
    );
  }
  if (checksum !== entry.crc32) {
    throw new ExportFileError(`it is damaged: the checksum of ${entry.fileName} in it does not match`);
  }
}

function damaged(error: unknown, name: string): ExportFileError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ExportFileError(`${name} is a damaged or incomplete zip archive: ${reason}. Download it again`, {
    cause: error,
  });
}
