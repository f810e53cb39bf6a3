const computers = ["Windows", "Linux", "macOS", "ESXi", "Network Devices", "Containers"] as const;
const linux = ["Linux", "ESXi", "Network Devices", "Containers"] as const;
const mobile = ["Android", "iOS"] as const;

/**
 * What families run on, as ATT&CK names platforms, by the first part of the Malpedia key (`platform.family`). Scripts and Java run on any
 * computer, but not on phones.
 */
const platformsOfPrefix: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["win", ["Windows"]],
  ["elf", linux],
  ["osx", ["macOS"]],
  ["apk", ["Android"]],
  ["ios", ["iOS"]],
  ["ps1", ["Windows"]],
  ["vbs", ["Windows"]],
  ["asp", ["Windows"]],
  ["aspx", ["Windows"]],
  ["sh", ["macOS", ...linux]],
  ["js", computers],
  ["jar", computers],
  ["jsp", computers],
  ["py", computers],
  ["php", computers],
  ["pl", computers],
  ["rb", computers],
  ["lua", computers],
  ["swf", computers],
]);

const known: ReadonlySet<string> = new Set([...computers, ...mobile]);

/**
 * The platforms of a Malpedia key, as ATT&CK names them: `["Windows"]` for `win.cobalt_strike`.
 *
 * @returns undefined for a key that names no platform, such as `fas.acad`
 */
export function platformsOfKey(malware: string): readonly string[] | undefined {
  const [prefix = "", family] = malware.split(".", 2);
  return family === undefined ? undefined : platformsOfPrefix.get(prefix.toLowerCase());
}

/** What is known of where software runs. */
export interface SoftwarePlatforms {
  /** As ATT&CK names them. */
  readonly platforms: readonly string[];
  /** Such as `enterprise-attack`. */
  readonly domains: readonly string[];
}

/**
 * Where software runs, as far as ATT&CK tells: software without platforms runs on phones if it is in Mobile ATT&CK only.
 *
 * @returns undefined if it may run anywhere
 */
export function platformsOfSoftware({
  platforms,
  domains,
}: SoftwarePlatforms): readonly string[] | undefined {
  if (platforms.length > 0) {
    // "Control Server" and the like do not say which operating system they run.
    const systems = platforms.filter((platform) => known.has(platform));
    return systems.length > 0 ? systems : undefined;
  }
  if (domains.length === 0) {
    return undefined;
  }
  return domains.every((domain) => domain === "mobile-attack") ? mobile : computers;
}

/** Whether two sets of platforms have nothing in common. What is not known contradicts nothing. */
export function contradict(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  return one !== undefined && other !== undefined && !one.some((platform) => other.includes(platform));
}

/** As Malpedia and ATT&CK write them at the end of a name: `Derusbi (Windows)`, `X-Agent for Android`. */
const platformSuffixes: ReadonlySet<string> = new Set([
  "windows",
  "win",
  "linux",
  "elf",
  "unix",
  "esxi",
  "macos",
  "os x",
  "osx",
  "android",
  "ios",
]);

/** Takes the platform off the end of a name: `X-Agent for Android` → `X-Agent`. Other names stay as they are. */
export function withoutPlatform(name: string): string {
  const [, start, inBrackets, afterFor] =
    /^(.+?)\s*(?:\(([^()]+)\)|\bfor\s+([\w ]+))$/u.exec(name.trim()) ?? [];
  const suffix = (inBrackets ?? afterFor)?.trim().toLowerCase();
  return start !== undefined && suffix !== undefined && platformSuffixes.has(suffix) ? start : name;
}

/** Takes the platform off the start of a Malpedia key that stands as a name: `win.xloader` → `xloader`. */
export function withoutPrefix(name: string): string {
  const dot = name.indexOf(".");
  return dot > 0 && platformsOfPrefix.has(name.slice(0, dot).toLowerCase()) ? name.slice(dot + 1) : name;
}
