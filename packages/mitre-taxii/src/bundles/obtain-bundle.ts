import { createHash } from "node:crypto";
import { join } from "node:path";
import { hideUrlSecrets, isUrl, makeFolder, type OpenContext, shortenUrl } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";

/** A bundle that lies on this machine. */
export interface BundleFile {
  /** Path of the file. */
  readonly file: string;
  /** What errors and logs call it: its path, or the URL that it came from, without secrets. */
  readonly name: string;
}

/** Where downloads lie until the run ends. */
export function downloadFolder({ filesFolder }: Pick<OpenContext<unknown>, "filesFolder">): string {
  return join(filesFolder, "bundles");
}

/**
 * Takes a bundle where it lies, or downloads it into `downloadFolder`.
 *
 * @param source path or URL
 * @throws HttpStatusError, HttpConnectionError and HttpUrlError; what the file system throws
 */
export async function obtainBundle(
  source: string,
  context: Pick<OpenContext<MitreTaxiiConfig>, "http" | "log" | "filesFolder">,
): Promise<BundleFile> {
  if (!isUrl(source)) {
    return { file: source, name: source };
  }
  const name = shortenUrl(hideUrlSecrets(source));
  const folder = downloadFolder(context);
  await makeFolder(folder);
  const file = join(folder, `${createHash("sha256").update(source).digest("hex").slice(0, 16)}.bundle`);
  context.log.info({ bundle: name }, `downloading ${name}`);
  await context.http.download(source, { file, urlSetting: "MITRE_BUNDLES or --bundle" });
  return { file, name };
}
