import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";

/**
 * The text of a file: itself, or what a gzip file or a zip archive with one file holds.
 *
 * @throws where the archive is damaged, or holds no file or several
 */
export function unpackText(bytes: Buffer): string {
  const signature = bytes.toString("latin1", 0, 2);
  if (signature === "\x1f\x8b") {
    return gunzipSync(bytes).toString("utf8");
  }
  if (signature !== "PK") {
    return bytes.toString("utf8");
  }
  const files = Object.entries(unzipSync(bytes)).filter(([name]) => !name.endsWith("/"));
  const [content] = files.map(([, file]) => Buffer.from(file));
  if (content === undefined || files.length > 1) {
    throw new Error(`the archive holds ${files.length} files, where one was expected`);
  }
  return content.toString("utf8");
}
