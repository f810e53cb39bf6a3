import { createReadStream } from "node:fs";
import { FileContentError } from "./file-content-error.js";
import { nameContent } from "./name-content.js";
import { countBytes, isGzip, readStart, unpackGzip } from "./unpack-gzip.js";

const chunkBytes = 65_536;

/**
 * The bytes of a file of JSON, gzipped or not, as JSON. Does not parse it, but recognises what people mistake for it.
 *
 * @throws FileContentError where it is empty, an archive, in UTF-16 or a web page, or a decompression bomb
 * @throws errors of `node:zlib`; `explainFileContent` explains them
 * @throws what the file system throws
 */
export async function* readJsonFile(file: string): AsyncGenerator<Buffer> {
  const packed = { read: 0 };
  const chunks = countBytes(createReadStream(file, { highWaterMark: chunkBytes }), packed);
  const unpacked = isGzip(await readStart(file)) ? unpackGzip(chunks, packed) : chunks;
  let isStart = true;
  for await (const chunk of unpacked) {
    const content = isStart ? nameContent(chunk) : undefined;
    if (content !== undefined) {
      throw new FileContentError(
        `it is ${content.name}, but JSON was expected, plain or gzipped: ${content.remedy}`,
      );
    }
    isStart = false;
    yield chunk;
  }
  if (isStart) {
    throw new FileContentError("it is empty, but JSON was expected, plain or gzipped");
  }
}
