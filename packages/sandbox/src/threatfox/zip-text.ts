import { setImmediate as nextTurn } from "node:timers/promises";
import { strToU8, Zip, ZipDeflate } from "fflate";

const chunkLength = 1 << 20;

/** Zip knows no earlier dates; a day more, as its dates have no zone. */
const earliest = Date.UTC(1980, 0, 2);

/**
 * A zip archive with one file. The text is compressed as it comes, so that it is never in memory as a whole; its
 * length follows it (a data descriptor).
 *
 * @param modifiedAt milliseconds since 1970
 */
export async function zipText(name: string, text: Iterable<string>, modifiedAt: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const zip = new Zip((error, part) => {
    if (error) {
      throw error;
    }
    parts.push(part);
  });
  const file = new ZipDeflate(name);
  file.mtime = Math.max(modifiedAt, earliest);
  zip.add(file);
  let chunk = "";
  for (const piece of text) {
    chunk += piece;
    if (chunk.length < chunkLength) {
      continue;
    }
    file.push(strToU8(chunk));
    chunk = "";
    await nextTurn();
  }
  file.push(strToU8(chunk), true);
  zip.end();
  return Buffer.concat(parts);
}
