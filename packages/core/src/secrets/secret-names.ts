/** Names under which a value is a secret, in a header, a query or a log line's fields; anything may stand before them. */
export const secretName =
  "(?:auth[-_]?key|api[-_]?key|access[-_]?token|token|passw(?:or)?d|secret|authorization|cookie)";

const wholeName = new RegExp(`^(?:.*[-_])?${secretName}$`, "i");

/** Tells whether whatever has this name must not be shown. */
export function isSecretName(name: string): boolean {
  return wholeName.test(name);
}
