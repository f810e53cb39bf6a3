import { keyOfPage } from "../documents/malpedia-key.js";

/** Where a page is. */
interface PageAddress {
  readonly address: string;
  readonly host: string;
}

/** Finds the subject in an address. */
type SubjectReader = (url: URL) => string | undefined;

/** By host, without `www.`. */
const pages: ReadonlyMap<string, SubjectReader> = new Map<string, SubjectReader>([
  ["attack.mitre.org", readAttackId],
  // Where the ids of some software of ICS still lead.
  ["collaborate.mitre.org", readAttackId],
  ["nvd.nist.gov", readCve],
  ["cve.org", readCve],
  ["cve.mitre.org", readCve],
  ["cisa.gov", readCve],
  [
    "malpedia.caad.fkie.fraunhofer.de",
    (url) => keyOfPage(url.href) ?? /^\/actor\/([^/]+)/u.exec(url.pathname)?.[1],
  ],
  ["threatfox.abuse.ch", readThreatfox],
]);

/**
 * What a page of ATT&CK, NVD, CVE, CISA, Malpedia or ThreatFox is about, as somebody would look it up: `T1059.001` for
 * `https://attack.mitre.org/versions/v18/techniques/T1059/001/`.
 *
 * @returns undefined for any other page
 */
export function subjectOfPage({ address, host }: PageAddress): string | undefined {
  const read = pages.get(host.replace(/^www\./u, ""));
  if (read === undefined || !URL.canParse(address)) {
    return undefined;
  }
  const subject = read(new URL(address));
  return subject === undefined ? undefined : decode(subject);
}

/** An analytic is a part of the page of its detection strategy. */
function readAttackId({ pathname, hash }: URL): string | undefined {
  const analytic = /^#(AN\d{4})$/iu.exec(hash)?.[1];
  const [, id, sub] = /\/([a-z]{1,3}\d{4})(?:\/(\d{3}))?\b/iu.exec(pathname) ?? [];
  return analytic ?? (sub === undefined ? id : `${id}.${sub}`);
}

function readCve({ pathname, search }: URL): string | undefined {
  return /CVE-\d{4}-\d{4,}/iu.exec(pathname + search)?.[0];
}

function readThreatfox({ pathname }: URL): string | undefined {
  const [, id] = /^\/ioc\/(\d+)/u.exec(pathname) ?? [];
  return id === undefined ? /^\/browse\/(?:malware|tag)\/([^/]+)/u.exec(pathname)?.[1] : `ThreatFox ${id}`;
}

/** `C2 Server` of `C2%20Server`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
