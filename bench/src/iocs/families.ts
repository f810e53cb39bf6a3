/** A malware family as ThreatFox names it. */
export interface Family {
  /** Malpedia key, or what ThreatFox writes in its place. */
  readonly key: string;
  readonly name: string;
  /** Separated by commas. */
  readonly aliases: string | null;
  /** How many of `totalWeight` IOCs it has. */
  readonly weight: number;
}

/** How many IOCs the largest families have in ThreatFox's export of what was seen in 48 hours of July 2026 (4,488 IOCs). */
const largest: readonly (readonly [number, string, string, string?])[] = [
  [1398, "win.cobalt_strike", "Cobalt Strike", "Agentemis,BEACON,CobaltStrike,cobeacon"],
  [386, "unknown", "Unknown malware"],
  [362, "js.clearfake", "ClearFake"],
  [299, "win.asyncrat", "AsyncRAT"],
  [286, "win.remcos", "Remcos", "RemcosRAT,Remvio,Socmer"],
  [228, "win.adaptix_c2", "AdaptixC2"],
  [164, "win.vidar", "Vidar"],
  [128, "elf.mozi", "Mozi"],
  [105, "elf.kuiper", "Kuiper"],
  [104, "win.dcrat", "DCRat", "DarkCrystal RAT"],
  [72, "win.havoc", "Havoc", "Havokiz"],
  [69, "elf.evilginx", "Evilginx"],
  [54, "js.iclickfix", "IClickFix"],
  [51, "py.venus_stealer", "Venus Stealer"],
  [43, "elf.mirai", "Mirai", "Katana"],
  [38, "win.ransomhub", "RansomHub"],
  [36, "win.formbook", "Formbook", "win.xloader"],
  [36, "win.sliver", "Sliver"],
  [32, "win.latrodectus", "Latrodectus", "BLACKWIDOW,IceNova,Latrodectus,Lotus"],
  [30, "win.netsupportmanager_rat", "NetSupportManager RAT", "NetSupport"],
  [28, "js.kongtuke", "KongTuke", "TAG-124,js.LandUpdate808"],
  [27, "win.agent_tesla", "Agent Tesla", "AgenTesla,AgentTesla,Negasteal"],
  [12, "win.danabot", "DanaBot", "DanaTools"],
  [10, "apk.kimwolf", "Kimwolf"],
  [10, "win.brute_ratel_c4", "Brute Ratel C4", "BOLDBADGER,BruteRatel"],
  [5, "win.quasar_rat", "Quasar RAT", "CinaRAT,QuasarRAT,Yggdrasil"],
];
const rareFamilies = 400;

/** The largest first: a few have more than 5% of all IOCs each, and hundreds have a few hundredths of a percent. */
export const families: readonly Family[] = [
  ...largest.map(([weight, key, name, aliases = null]) => ({ key, name, aliases, weight })),
  ...Array.from({ length: rareFamilies }, (_, index) => ({
    key: `win.rare_${index}`,
    name: `Rare ${index}`,
    aliases: null,
    weight: 1,
  })),
];

const totalWeight = families.reduce((sum, { weight }) => sum + weight, 0);

/** @param number any whole number from 0: among many, each family comes as often as its weight says */
export function familyAt(number: number): Family {
  let left = number % totalWeight;
  for (const family of families) {
    left -= family.weight;
    if (left < 0) {
      return family;
    }
  }
  throw new RangeError(`${number}: a whole number from 0 was expected.`);
}
