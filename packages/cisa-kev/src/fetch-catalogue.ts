import { type Conditions, type HttpClient, HttpStatusError } from "@cti-connectors/core";
import { z } from "zod";

const folder = "https://www.cisa.gov/sites/default/files/feeds/";
/** Where CISA publishes the catalogue. */
export const catalogueUrl = `${folder}known_exploited_vulnerabilities.json`;
/** CISA's own copy, https://github.com/cisagov/kev-data */
const copyUrl =
  "https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json";

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

/**
 * Asks for the whole catalogue, unless it is the one that the conditions name.
 *
 * @throws HttpStatusError where it has fewer entries than its `count`; Error where CISA refuses this network; what `HttpClient.json` throws
 */
export async function fetchCatalogue(http: Pick<HttpClient, "json">, url: string, conditions: Conditions) {
  try {
    return await http.json(url, catalogue, conditions);
  } catch (error) {
    if (error instanceof HttpStatusError && error.status === 403 && url.startsWith(folder)) {
      const advice = `CISA refuses many data centres. Set KEV_URL to its copy at GitHub: ${copyUrl}`;
      throw new Error(`${error.message}. ${advice}`, { cause: error });
    }
    throw error;
  }
}
