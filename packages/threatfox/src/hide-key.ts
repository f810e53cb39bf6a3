/** A shorter one is none of abuse.ch's, and can turn up in data by chance. */
const shortestKey = 16;

/**
 * JSON text without the key. What ThreatFox sends is stored, so a key that it sends back would be, too.
 *
 * @param json as received or written: a slash in it may be escaped (RFC 8259, section 7)
 */
export function hideKey(json: string, key: string): string {
  if (key.length < shortestKey) {
    return json;
  }
  return json.replaceAll(key, "[redacted]").replaceAll(key.replaceAll("/", String.raw`\/`), "[redacted]");
}
