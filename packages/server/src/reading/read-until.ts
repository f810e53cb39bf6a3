import type { StoreReader } from "@cti-connectors/core";
import { unlessAborted } from "@cti-connectors/core/host";

/** The same reader, which stops reading and throws the signal's reason as soon as the signal aborts. */
export function readUntil(signal: AbortSignal, reader: StoreReader): StoreReader {
  return {
    async *find(...question) {
      const documents = reader.find(...question)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await unlessAborted(signal, documents.next());
          if (next.done === true) {
            return;
          }
          yield next.value;
        }
      } finally {
        // Closes the cursor. What is under way ends unheard.
        void documents.return?.().then(undefined, () => undefined);
      }
    },
    count: (...question) => unlessAborted(signal, reader.count(...question)),
    exists: (...question) => unlessAborted(signal, reader.exists(...question)),
  };
}
