export interface BlockOptions<Item> {
  /** How much is in a full block. */
  readonly most: number;
  /** How much an item counts. Default: 1. */
  readonly sizeOf?: (item: Item) => number;
  /** Milliseconds after its first item at which a block ends, full or not. */
  readonly wait: number;
}

/**
 * Divides items into blocks, in their order. What a source that pauses has sent does not wait for more. The next item is awaited while a
 * block is in use.
 *
 * @throws what the source throws, once the items before are handed out
 */
export async function* inBlocks<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { most, sizeOf = () => 1, wait }: BlockOptions<Item>,
): AsyncGenerator<readonly Item[], void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const take = () => {
    const next = Promise.resolve(iterator.next());
    // The error is thrown where the item is awaited.
    next.catch(() => undefined);
    return next;
  };
  let next = take();
  try {
    for (let first = await next; first.done !== true; first = await next) {
      const block = [first.value];
      const pause = startPause(wait);
      next = take();
      for (let size = sizeOf(first.value); size < most; ) {
        const more = await Promise.race([next, pause.over]).catch(() => undefined);
        if (more === undefined || more.done === true) {
          break;
        }
        block.push(more.value);
        size += sizeOf(more.value);
        next = take();
      }
      pause.stop();
      yield block;
    }
  } finally {
    // A source that never sends anything again never answers.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function startPause(ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return { over, stop: () => clearTimeout(timer) };
}
