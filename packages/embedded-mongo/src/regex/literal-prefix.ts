/** Characters that have a meaning of their own outside of a class. */
const special = /[\\^$.[\](){}*+?|\0]/;

/**
 * The text that every match of a regular expression begins with, where the expression says so: `^com\.example\.` matches only texts that
 * begin with `com.example.`.
 *
 * @param options as BSON has them; one that changes the meaning of `^` or of letters leaves nothing to say
 * @returns undefined where a match may begin with anything
 */
export function literalPrefix(pattern: string, options: string): string | undefined {
  if (!pattern.startsWith("^") || pattern.includes("|") || /[^su]/.test(options)) {
    return undefined;
  }
  const characters = [...pattern.slice(1)];
  const prefix: string[] = [];
  for (let index = 0; index < characters.length; ) {
    const [first = "", second = ""] = characters.slice(index);
    // Before letters and digits, a backslash begins a class, a reference or a quotation.
    const isEscaped = first === "\\" && /^[!-~]$/.test(second) && !/^[a-z\d]$/i.test(second);
    if (!isEscaped && special.test(first)) {
      break;
    }
    index += isEscaped ? 2 : 1;
    if (/^[*?{]$/.test(characters[index] ?? "")) {
      break;
    }
    prefix.push(isEscaped ? second : first);
  }
  return prefix.length === 0 ? undefined : prefix.join("");
}
