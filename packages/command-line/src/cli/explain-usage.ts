/** What Commander says of wrong arguments, and what people read instead. Commander hands out nothing but its text. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [/^unknown option '(.*)'/, "Unknown option $1."],
  [/^unknown command '(.*)'/, "Unknown command $1."],
  [/^missing required argument '(.*)'/, "The argument <$1> is missing."],
  [/^option '(.*)' argument missing/, "The option $1 needs a value."],
  [/^option '(.*?)' argument '(.*)' is invalid\./, 'Invalid value "$2" for $1.'],
  [/^command-argument value '(.*)' is invalid for argument '(.*?)'\./, 'Invalid value "$1" for <$2>.'],
  [
    /^too many arguments for '(.*)'\. Expected (\d+).* but got (\d+)\./,
    "Too many arguments for $1: expected $2, got $3.",
  ],
  [/Allowed choices are (.*)\.$/m, "Use one of: $1."],
  [/\(Did you mean (.*\?)\)/, "Did you mean $1"],
];

/** Says in plain words which argument is wrong, and what is allowed. A text of Commander that is not known stays as it is. */
export function explainUsage(text: string): string {
  const message = explanations.reduce(
    (explained, [pattern, words]) => explained.replace(pattern, words),
    text.replace(/^error: /, ""),
  );
  return `Error: ${message}`;
}
