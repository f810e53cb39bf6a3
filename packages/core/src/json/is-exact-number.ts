/** A number of up to this many digits survives the conversion to a double and back. */
const surelyExactDigits = 15;

/** Whether a number, as JSON writes it, has the digits of the nearest one that JavaScript holds. */
export function isExactNumber(number: string): boolean {
  if (number.length <= surelyExactDigits && !/e/i.test(number)) {
    return true;
  }
  const nearest = Number(number);
  return Number.isFinite(nearest) && digitsOf(number) === digitsOf(String(nearest));
}

function digitsOf(number: string): string {
  return number
    .replace(/[eE].*$/, "")
    .replaceAll(/[-.]/g, "")
    .replaceAll(/^0+|0+$/g, "");
}
