import { buffer } from "node:stream/consumers";
import {
  type Conditions,
  errorCodeOf,
  explainFileContent,
  type HttpClient,
  HttpStatusError,
  parseJson,
  readJsonFile,
} from "@cti-connectors/core";
import { z } from "zod";

const folder = "https://www.cisa.gov/sites/default/files/feeds/";
/** Where CISA publishes the catalogue. */
export const catalogueUrl = `${folder}known_exploited_vulnerabilities.json`;
const adviceFor403 =
  "CISA blocks many data centers. Set KEV_URL to its copy on GitHub: https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json";

/** What CISA's schema requires, `known_exploited_vulnerabilities_schema.json` beside the catalogue. */
const catalogue = z
  .object({
    catalogVersion: z.string(),
    dateReleased: z.string(),
    count: z.int(),
    vulnerabilities: z.array(z.unknown()),
  })
  .refine(({ count, vulnerabilities }) => vulnerabilities.length >= count, {
    path: ["vulnerabilities"],
    error: "there are fewer than `count` says",
  });

/** @throws Error where CISA refuses this network; what `HttpClient.json` throws, also where entries are missing */
export async function fetchCatalogue(http: Pick<HttpClient, "json">, url: string, conditions: Conditions) {
  try {
    return await http.json(url, catalogue, conditions);
  } catch (error) {
    if (error instanceof HttpStatusError && error.status === 403 && url.startsWith(folder)) {
      throw new Error(`${error.message}. ${adviceFor403}`, { cause: error });
    }
    throw error;
  }
}

/**
 * Reads the catalogue from a file, gzipped or not, such as one that was transferred to an air-gapped network.
 *
 * @throws Error that names the file, where it does not hold a whole catalogue; what the file system throws
 */
export async function readCatalogueFile(file: string) {
  try {
    const text = new TextDecoder().decode(await buffer(readJsonFile(file)));
    const body = catalogue.parse(parseJson(text));
    return { notModified: false as const, body, validators: {} };
  } catch (error) {
    const reason = explainContent(error);
    throw reason === undefined
      ? error
      : new Error(
          `${file} is not CISA's catalogue, or not all of it: ${reason}. If that does not help, fetch it again: ${catalogueUrl}`,
          { cause: error },
        );
  }
}

/** @returns undefined where something else is at fault, such as the file system */
function explainContent(error: unknown): string | undefined {
  if (error instanceof z.ZodError) {
    return z.prettifyError(error);
  }
  if (error instanceof SyntaxError) {
    return `it is not JSON: ${error.message}`;
  }
  const isOfSystem = errorCodeOf(error) !== undefined;
  return explainFileContent(error) ?? (isOfSystem ? undefined : String(error));
}
