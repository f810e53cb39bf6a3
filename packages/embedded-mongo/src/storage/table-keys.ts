const HIGH = 0x1_0000_0000;

/** Keys of records: collection id, record id. */
export function recordKey(collectionId: number, recordId: number): Buffer {
  const key = Buffer.allocUnsafe(12);
  key.writeUInt32BE(collectionId, 0);
  writeRecordId(key, recordId, 4);
  return key;
}

function writeRecordId(target: Buffer, recordId: number, at: number): void {
  target.writeUInt32BE(Math.floor(recordId / HIGH), at);
  target.writeUInt32BE(recordId % HIGH, at + 4);
}

export function encodeRecordId(recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeRecordId(bytes, recordId, 0);
  return bytes;
}

/** Keys of index entries: index id, the indexed values, record id. */
export const RECORD_ID_BYTES = 8;

/** The record id in the last eight bytes of a key or value. */
export function trailingRecordId(bytes: Buffer): number {
  const at = bytes.length - 8;
  return bytes.readUInt32BE(at) * HIGH + bytes.readUInt32BE(at + 4);
}

/** First bytes of all keys of a collection or an index. */
export function idPrefix(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(id, 0);
  return prefix;
}

/** The least key behind all that begin with a prefix. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    const byte = end[i] ?? 0;
    if (byte < 0xff) {
      end[i] = byte + 1;
      return end.subarray(0, i + 1);
    }
  }
  return Buffer.concat([prefix, Buffer.alloc(16, 0xff)]);
}

export function concat(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}
