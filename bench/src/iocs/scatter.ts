/** Every index has another number of 32 bits, in no visible order (the finalizer of MurmurHash3 is a bijection). */
export function scatter(index: number): number {
  let number = index + 1;
  number = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  number = Math.imul(number ^ (number >>> 13), 0xc2b2ae35);
  return (number ^ (number >>> 16)) >>> 0;
}

/** `digits` of them, none of which repeats in a pattern. */
export function hexadecimal(number: number, digits: number): string {
  let text = "";
  for (let part = number; text.length < digits; part = scatter(part)) {
    text += part.toString(16).padStart(8, "0");
  }
  return text.slice(0, digits);
}
