import { canonicalText } from "@cti-connectors/core";

/**
 * Writes documents as newline-delimited JSON, one a line: all fields as stored, keys in alphabetical order, dates as
 * ISO 8601 in UTC.
 */
export async function* writeNdjson(
  documents: AsyncIterable<unknown>,
): AsyncGenerator<string, void, undefined> {
  for await (const document of documents) {
    yield `${canonicalText(document)}\n`;
  }
}
