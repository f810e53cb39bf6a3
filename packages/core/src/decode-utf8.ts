export interface DecodedText {
  readonly text: string;
  /** False from the first bytes on that are no UTF-8: U+FFFD stands in their place. */
  readonly isUtf8: boolean;
}

/** Decodes UTF-8 chunk by chunk, without its byte order mark. A chunk may end within a character. */
export async function* decodeUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<DecodedText> {
  const decoder = new TextDecoder();
  const strict = new TextDecoder("utf-8", { fatal: true });
  let isUtf8 = true;
  const decode = (chunk: Buffer | undefined): DecodedText => {
    const options = { stream: chunk !== undefined };
    isUtf8 &&= isValid(() => strict.decode(chunk, options));
    return { text: decoder.decode(chunk, options), isUtf8 };
  };
  for await (const chunk of chunks) {
    yield decode(chunk);
  }
  yield decode(undefined);
}

/** The whole text. */
export async function readUtf8(chunks: AsyncIterable<Buffer>): Promise<DecodedText> {
  let whole = "";
  let valid = true;
  for await (const { text, isUtf8 } of decodeUtf8(chunks)) {
    whole += text;
    valid = isUtf8;
  }
  return { text: whole, isUtf8: valid };
}

function isValid(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
