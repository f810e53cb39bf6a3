import { isAscii, isUtf8 } from "node:buffer";
import { buffer } from "node:stream/consumers";

interface DecodedText {
  readonly text: string;
  /** False from the first bytes on that are no UTF-8: U+FFFD stands in their place. */
  readonly isUtf8: boolean;
}

/** Decodes UTF-8 chunk by chunk, without its byte order mark. A chunk may end within a character. */
export async function* decodeUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<DecodedText> {
  const decoder = new TextDecoder();
  const strict = new TextDecoder("utf-8", { fatal: true });
  let isUtf8 = true;
  let isBetweenCharacters = false;
  const decode = (chunk: Buffer | undefined): DecodedText => {
    if (isBetweenCharacters && chunk !== undefined && isAscii(chunk)) {
      return { text: chunk.toString("latin1"), isUtf8 };
    }
    const options = { stream: chunk !== undefined };
    isUtf8 &&= isValid(() => strict.decode(chunk, options));
    isBetweenCharacters = (chunk?.at(-1) ?? 0xff) < 0x80;
    return { text: decoder.decode(chunk, options), isUtf8 };
  };
  for await (const chunk of chunks) {
    yield decode(chunk);
  }
  yield decode(undefined);
}

/** The whole text. It is decoded at once: pieces of text would take up to four times the memory of the bytes beside it. */
export async function readUtf8(chunks: AsyncIterable<Buffer>): Promise<DecodedText> {
  const whole = await buffer(chunks);
  return { text: new TextDecoder().decode(whole), isUtf8: isUtf8(whole) };
}

function isValid(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
