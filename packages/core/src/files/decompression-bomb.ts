/** Real data shrinks to a tenth. Deflate cannot shrink further than to a thousandth, and only what says nothing comes near. */
const highestRatio = 200;
const surelyHarmlessBytes = 100_000_000;

/** Whether packed data unpacks to so much more than its own length that nothing real can be in it. */
export function isDecompressionBomb(packedBytes: number, unpackedBytes: number): boolean {
  return unpackedBytes > surelyHarmlessBytes && unpackedBytes > highestRatio * packedBytes;
}
