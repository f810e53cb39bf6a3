import { type Indicator, plainIndicator } from "./indicator.js";
import { parseHost } from "./parse-host.js";

/** Reads an e-mail address. The domain comes out in one spelling; the part before `@` can be case-sensitive and stays. */
export function parseEmail(type: string, text: string): Indicator {
  const value = text.trim();
  const at = value.lastIndexOf("@");
  const local = value.slice(0, Math.max(at, 0));
  const host = parseHost(value.slice(at + 1));
  if (!isLocalPart(local) || host === undefined || host.ip_version !== null) {
    return plainIndicator(type, value, "not an e-mail address");
  }
  return { ...plainIndicator(type, `${local}@${host.host}`), ...host };
}

// RFC 5321, 4.5.3.1.3: no mail server has to pass on more.
const longestPath = 256;

/** Not the whole grammar of RFC 5322, but no second `@` outside quotation marks, and nothing that ends an address. */
function isLocalPart(text: string): boolean {
  return (
    text.length <= longestPath && /^(?:[^@"]|"(?:[^"\\]|\\.)*")+$/u.test(text) && !/[\s\p{Cc}<>]/u.test(text)
  );
}
