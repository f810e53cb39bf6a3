/** Names under which a value is a secret, in a header, a query or a log line's fields. */
export const secretName =
  "(?:auth[-_]?key|api[-_]?key|x-api-key|access[-_]?token|token|passw(?:or)?d|secret|signature|authorization|proxy-authorization|cookie|set-cookie)";

const wholeName = new RegExp(`^${secretName}$`, "i");

/** Tells whether whatever has this name must not be shown. */
export function isSecretName(name: string): boolean {
  return wholeName.test(name);
}
