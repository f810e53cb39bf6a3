const numbers = new Intl.Collator("en", { numeric: true });

/** Orders `9.0`, `17.1`, `18.0-beta`, `18.0`: by number, a beta before what came of it. */
export function compareReleaseNames(left: string, right: string): number {
  const [leftNumber = "", leftBeta] = split(left);
  const [rightNumber = "", rightBeta] = split(right);
  return (
    numbers.compare(leftNumber, rightNumber) ||
    Number(leftBeta === undefined) - Number(rightBeta === undefined) ||
    numbers.compare(left, right)
  );
}

function split(name: string): readonly string[] {
  const end = name.indexOf("-");
  return end === -1 ? [name] : [name.slice(0, end), name.slice(end)];
}
