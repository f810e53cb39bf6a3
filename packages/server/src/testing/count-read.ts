import type { StoreReader } from "@cti-connectors/core";

/** A reader that counts the documents that it hands out. */
export function countRead(reader: StoreReader): { readonly reader: StoreReader; documents(): number } {
  let documents = 0;
  return {
    documents: () => documents,
    reader: {
      ...reader,
      async *find(...question) {
        for await (const document of reader.find(...question)) {
          documents += 1;
          yield document;
        }
      },
    },
  };
}
