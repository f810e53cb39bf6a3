import { explainFileContent, readJsonFile, streamJson } from "@cti-connectors/core";
import { BundleError } from "./bundle-error.js";
import type { BundleFile } from "./obtain-bundle.js";

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
    for await (const { key, value } of streamJson(readJsonFile(file), ["$.type", "$.objects.*"])) {
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
          `${name} cannot be read as a STIX bundle: ${reason}. If that does not help, fetch it again: ${whereToGetOne}`,
          { cause: error },
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
