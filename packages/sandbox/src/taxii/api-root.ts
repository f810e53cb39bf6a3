import type { ApiRoot } from "./taxii-catalog.js";
import { taxiiMediaType } from "./taxii-error.js";
import type { TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §4.2. */
export function apiRoot(server: TaxiiServer, { title, description }: ApiRoot): object {
  return {
    title,
    description,
    versions: [taxiiMediaType],
    max_content_length: server.flavor === "attack" ? 1000 : 104_857_600,
  };
}
