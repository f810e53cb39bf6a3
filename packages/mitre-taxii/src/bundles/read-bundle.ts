import { createReadStream } from "node:fs";
import {
  countBytes,
  explainFileContent,
  isGzip,
  readStart,
  streamJson,
  unpackGzip,
} from "@cti-connectors/core";
import { BundleError } from "./bundle-error.js";
import type { BundleFile } from "./obtain-bundle.js";

const chunkBytes = 65_536;
const whereToGetOne = "ATT&CK's are at https://github.com/mitre-attack/attack-stix-data";

/**
 * The entries of a STIX 2.1 bundle (section 8), gzipped or not, in its order and as they are there. Memory is bounded by the largest entry.
 *
 * @throws BundleError where the file is cut off, damaged, or no bundle; entries before that place come first
 * @throws what the file system throws
 */
export async function* readBundle({ file, name }: BundleFile): AsyncGenerator<unknown> {
  let isBundle = false;
  try {
    for await (const { key, value } of streamJson(await unpack(file), ["$.type", "$.objects.*"])) {
      if (typeof key === "number") {
        yield value;
      } else if (key === "type" && value === "bundle") {
        isBundle = true;
      } else {
        throw noBundle(name);
      }
    }
  } catch (error) {
    const reason = explainFileContent(error);
    throw reason === undefined
      ? error
      : new BundleError(
          `${name} cannot be read as a STIX bundle: ${reason}. Fetch it again: ${whereToGetOne}`,
          {
            cause: error,
          },
        );
  }
  if (!isBundle) {
    throw noBundle(name);
  }
}

function noBundle(name: string): BundleError {
  return new BundleError(
    `${name} is JSON, but not a STIX bundle ({"type": "bundle", "objects": […]}): ${whereToGetOne}`,
  );
}

async function unpack(file: string): Promise<AsyncIterable<Buffer>> {
  const packed = { read: 0 };
  const chunks = countBytes(createReadStream(file, { highWaterMark: chunkBytes }), packed);
  return isGzip(await readStart(file)) ? unpackGzip(chunks, packed) : chunks;
}
