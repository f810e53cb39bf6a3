import type { RejectionReason } from "../documents/stored-links.js";

/** With fewer letters, names are abbreviations that many things share: `RTM`, `LP`, `Tor`. */
const leastLetters = 4;

/** Words for kinds of malware, which descriptions use as names. Folded. */
const genericWords: ReadonlySet<string> = new Set([
  "agent",
  "backdoor",
  "banker",
  "beacon",
  "botnet",
  "client",
  "coinminer",
  "crypter",
  "cryptominer",
  "dropper",
  "downloader",
  "exploit",
  "implant",
  "infostealer",
  "injector",
  "keylogger",
  "loader",
  "locker",
  "malware",
  "miner",
  "payload",
  "proxy",
  "ransomware",
  "rootkit",
  "server",
  "shell",
  "shellcode",
  "spyware",
  "stager",
  "stealer",
  "trojan",
  "unknown",
  "virus",
  "webshell",
  "wiper",
  "worm",
]);

/** Why a folded name links nothing by itself. */
export function findWeakness(
  folded: string,
): Extract<RejectionReason, "short_name" | "generic_name"> | undefined {
  if ([...folded].length < leastLetters || /^\p{N}+$/u.test(folded)) {
    return "short_name";
  }
  return genericWords.has(folded) ? "generic_name" : undefined;
}
