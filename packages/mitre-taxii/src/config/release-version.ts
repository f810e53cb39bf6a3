const pattern = /^\d+(\.\d+)+(-[a-z][a-z0-9]*)?$/;

/** Whether this is how ATT&CK names its releases: `18.1`, `19.0-beta`. */
export function isReleaseVersion(text: string): boolean {
  return pattern.test(text);
}

/** Older first: by number, `9.0` before `10.1`; a beta before the release that it became. For `Array.sort`. */
export function compareReleaseVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  if (left.stage === right.stage) {
    return 0;
  }
  if (left.stage === "" || right.stage === "") {
    return left.stage === "" ? 1 : -1;
  }
  return left.stage < right.stage ? -1 : 1;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly stage: string } {
  const [digits = "", stage = ""] = version.split("-");
  return { numbers: digits.split(".").map(Number), stage };
}
