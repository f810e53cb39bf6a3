const computers = ["Windows", "Linux", "macOS", "ESXi", "Network Devices", "Containers"] as const;
const mobile = ["Android", "iOS"] as const;

const known: ReadonlySet<string> = new Set([...computers, ...mobile]);

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
