import { type Conditions, type HttpClient, HttpStatusError } from "@cti-connectors/core";
import { z } from "zod";

const folder = "https://www.cisa.gov/sites/default/files/feeds/";
/** Where CISA publishes the catalogue. */
export const catalogueUrl = `${folder}known_exploited_vulnerabilities.json`;
const adviceFor403 =
  "CISA refuses many data centres. Set KEV_URL to its copy at GitHub: https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json";

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
