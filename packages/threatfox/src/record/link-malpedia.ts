/** The page of a malware family by its Malpedia key, as ThreatFox links it; null for what cannot be a key. */
export function linkMalpedia(malware: string): string | null {
  return /^[\w.-]+$/u.test(malware) ? `https://malpedia.caad.fkie.fraunhofer.de/details/${malware}` : null;
}
