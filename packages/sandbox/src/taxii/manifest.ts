import { gatewayPage } from "../http/gateway-page.js";
import { answerPage } from "./answer-page.js";
import { findReadableCollection } from "./find-collection.js";
import { paginate } from "./paginate.js";
import { parseFilter } from "./parse-filter.js";
import { selectObjects } from "./select-objects.js";
import type { ApiRoot, ListedObject } from "./taxii-catalog.js";
import { TaxiiError, taxiiMediaType } from "./taxii-error.js";
import type { TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §5.3. */
export async function manifest(
  server: TaxiiServer,
  root: ApiRoot,
  collectionId: string,
  query: URLSearchParams,
): Promise<Response> {
  if (server.behavior.noManifest !== undefined) {
    return gatewayPage(server.behavior.noManifest);
  }
  const collection = findReadableCollection(server, root, collectionId);
  const filter = parseFilter(query, server.behavior);
  if (
    filter.addedAfter !== undefined &&
    server.flavor === "attack" &&
    server.behavior.manifestRefusesAddedAfter !== false
  ) {
    throw new TaxiiError({
      status: 400,
      title: "Bad Request",
      description: `'${filter.addedAfter}' is not a valid date.`,
    });
  }
  const page = paginate(server, selectObjects(collection.objects, filter), query);
  return answerPage(server, "objects", page, (listed) =>
    Buffer.from(JSON.stringify(manifestRecord(server, listed))),
  );
}

function manifestRecord(server: TaxiiServer, { id, dateAdded, version }: ListedObject): object {
  return {
    id,
    date_added: server.behavior.dateAdded === "javascript" ? toJavascriptForm(dateAdded) : dateAdded,
    version,
    media_type: server.flavor === "attack" ? taxiiMediaType : "application/stix+json;version=2.1",
  };
}

/** What `String(date)` gives on a server in UTC, whatever the zone of this machine. */
function toJavascriptForm(timestamp: string): string {
  const [day, date, month, year, time] = new Date(timestamp).toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${date} ${year} ${time} GMT+0000 (Coordinated Universal Time)`;
}
