const computers = ["Windows", "Linux", "macOS", "ESXi", "Network Devices", "Containers"] as const;
const linux = ["Linux", "ESXi", "Network Devices", "Containers"] as const;

/**
 * What families run on, as ATT&CK names platforms, by the first part of the Malpedia key
 * (https://malpedia.caad.fkie.fraunhofer.de/families). Scripts and Java run on any computer, but not on phones. None: ATT&CK does not name it.
 */
const platformsOfPrefix: ReadonlyMap<string, readonly string[] | undefined> = new Map<
  string,
  readonly string[] | undefined
>([
  ["aix", undefined],
  ["apk", ["Android"]],
  ["asp", ["Windows"]],
  ["aspx", ["Windows"]],
  ["elf", linux],
  ["fas", undefined],
  ["ios", ["iOS"]],
  ["jar", computers],
  ["js", computers],
  ["jsp", computers],
  ["lua", computers],
  ["osx", ["macOS"]],
  ["php", computers],
  ["pl", computers],
  ["ps1", ["Windows"]],
  ["py", computers],
  ["rb", computers],
  ["sh", ["macOS", ...linux]],
  ["swf", computers],
  ["symbian", undefined],
  ["vbs", ["Windows"]],
  ["win", ["Windows"]],
]);

/** `win` of `win.cobalt_strike`; undefined where the text does not begin like a Malpedia key. */
function prefixOf(text: string): string | undefined {
  const prefix = text.slice(0, Math.max(text.indexOf("."), 0)).toLowerCase();
  return platformsOfPrefix.has(prefix) ? prefix : undefined;
}

/** Whether a text has the form of a Malpedia key: `platform.family`. */
export function isMalpediaKey(text: string): boolean {
  return prefixOf(text) !== undefined && /^[a-z0-9]+\.[a-z0-9_.-]+$/iu.test(text);
}

/**
 * The platforms of a Malpedia key, as ATT&CK names them: `["Windows"]` for `win.cobalt_strike`.
 *
 * @returns undefined for a key that names no platform of ATT&CK, such as `fas.acad`
 */
export function platformsOfKey(malware: string): readonly string[] | undefined {
  return platformsOfPrefix.get(prefixOf(malware) ?? "");
}

/** Takes the platform off the start of a Malpedia key that stands as a name: `win.xloader` → `xloader`. */
export function withoutPrefix(name: string): string {
  const prefix = prefixOf(name);
  return prefix === undefined ? name : name.slice(prefix.length + 1);
}

/** `win.cobalt_strike` of `https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike`; undefined for any other address. */
export function keyOfPage(url: string): string | undefined {
  return /malpedia\.caad\.fkie\.fraunhofer\.de\/details\/([\w.-]+)/iu.exec(url)?.[1]?.toLowerCase();
}
