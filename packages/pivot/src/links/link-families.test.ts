import { expect, test } from "vitest";
import type { MalwareFamily } from "../documents/stored-family.js";
import { linkFamilies } from "./link-families.js";
import type { LinkableSoftware } from "./read-software.js";

function software(attackId: string, name: string, rest: Partial<LinkableSoftware> = {}): LinkableSoftware {
  return {
    attack_id: attackId,
    stix_id: `malware--${attackId}`,
    name,
    aliases: [],
    platforms: ["Windows"],
    domains: ["enterprise-attack"],
    malpedia_keys: [],
    revoked: false,
    deprecated: false,
    ...rest,
  };
}

function family(malware: string, name: string, ...aliases: readonly string[]): MalwareFamily {
  return { malware, name, aliases };
}

/** What the first family is linked with, as `S0154 name 90`, and what is rejected, as `S0220 platforms`. */
function link(
  families: readonly MalwareFamily[],
  all: readonly LinkableSoftware[],
  exceptions: Parameters<typeof linkFamilies>[2] = [],
) {
  const [first] = linkFamilies(families, all, exceptions);
  return {
    state: first?.state,
    links: first?.links.map(
      ({ attack_id, found_by, confidence }) => `${attack_id} ${found_by} ${confidence}`,
    ),
    rejected: first?.rejected.map(({ attack_id, reason }) => `${attack_id} ${reason}`),
  };
}

const linked = (...links: readonly string[]) => ({ state: "linked", links, rejected: [] });
const unlinked = (...rejected: readonly string[]) => ({ state: "unlinked", links: [], rejected });
const ambiguous = (...rejected: readonly string[]) => ({ state: "ambiguous", links: [], rejected });

const strike = software("S0154", "Cobalt Strike", { platforms: ["Windows", "Linux", "macOS"] });

test.each([
  ["its name", [family("win.cobalt_strike", "Cobalt Strike")], [strike], linked("S0154 name 90")],
  ["its name, spelled otherwise", [family("win.cs", "cobalt-strike")], [strike], linked("S0154 name 90")],
  [
    "its name without the platform",
    [family("apk.popr-d30", "X-Agent (Android)")],
    [software("S0314", "X-Agent for Android", { platforms: ["Android"], domains: ["mobile-attack"] })],
    linked("S0314 name 90"),
  ],
  [
    "its name and an alias",
    [family("win.njrat", "NjRAT", "Bladabindi")],
    [software("S0385", "njRAT", { aliases: ["Bladabindi"] })],
    linked("S0385 name 95"),
  ],
  [
    "its name, an alias of the software",
    [family("win.sedreco", "Sedreco")],
    [software("S0045", "ADVSTORESHELL", { aliases: ["Sedreco"] })],
    linked("S0045 alias 80"),
  ],
  [
    "an alias, the name of the software",
    [family("win.wannacryptor", "WannaCryptor", "WannaCry")],
    [software("S0366", "WannaCry")],
    linked("S0366 alias 75"),
  ],
  [
    "an alias of both",
    [family("win.sakula_rat", "Sakula RAT", "Sakurel")],
    [software("S0074", "Sakula", { aliases: ["Sakurel"] })],
    linked("S0074 alias 70"),
  ],
  [
    "what its key spells",
    [family("win.netwire", "NetWire RC")],
    [software("S0198", "NETWIRE")],
    linked("S0198 alias 75"),
  ],
  [
    "an alias that is a Malpedia key",
    [family("win.formbook", "Formbook", "win.xloader")],
    [software("S1207", "XLoader")],
    linked("S1207 alias 75"),
  ],
  [
    "a reference to Malpedia",
    [family("win.masslogger", "MASS Logger")],
    [software("S9999", "Other", { malpedia_keys: ["win.masslogger"] })],
    linked("S9999 key 95"),
  ],
  [
    "an abbreviation only beside a longer name",
    [family("win.rtm", "RTM", "Redaman")],
    [software("S0148", "RTM", { aliases: ["Redaman"] })],
    linked("S0148 alias 75"),
  ],
])("links a family by %s", (_by, families, all, expected) => {
  expect(link(families, all)).toEqual(expected);
});

test.each([
  ["another name", [family("win.vidar", "Vidar")], [strike], unlinked()],
  [
    "another platform",
    [family("win.chaos", "Chaos")],
    [software("S0220", "Chaos", { platforms: ["Linux"] })],
    unlinked("S0220 platforms"),
  ],
  [
    "a reference to Malpedia, but another platform",
    [family("apk.x", "Xy")],
    [software("S9999", "Other", { malpedia_keys: ["apk.x"] })],
    unlinked("S9999 platforms"),
  ],
  ["a short name", [family("win.orz", "Orz")], [software("S0229", "Orz")], ambiguous("S0229 short_name")],
  ["a number", [family("win.9002", "9002")], [software("S0203", "9002")], ambiguous("S0203 short_name")],
  [
    "a generic name",
    [family("win.cs", "Strike", "BEACON")],
    [software("S9999", "Beacon")],
    ambiguous("S9999 generic_name"),
  ],
  ["no family", [family("unknown_rat", "Unknown RAT")], [software("S9999", "Unknown RAT")], unlinked()],
  ["a name of symbols", [family("win.💥", "💥", "---")], [software("S9999", "***")], unlinked()],
  [
    "a name of several software",
    [family("win.dnsmessenger", "DNSMessenger")],
    [
      software("S0145", "POWERSOURCE", { aliases: ["DNSMessenger"] }),
      software("S0146", "TEXTMATE", { aliases: ["DNSMessenger"] }),
    ],
    ambiguous("S0145 name_of_several_software", "S0146 name_of_several_software"),
  ],
  [
    "names of several software",
    [family("win.both", "Umbrella", "First", "Second")],
    [software("S0001", "First"), software("S0002", "Second")],
    ambiguous("S0001 several_software", "S0002 several_software"),
  ],
  [
    "an alias of several families",
    [family("win.one", "Jackdaw", "Magpie"), family("win.two", "Rook", "Magpie")],
    [software("S0001", "Magpie")],
    ambiguous("S0001 name_of_several_families"),
  ],
  [
    "an alias that another family is called",
    [family("win.one", "Jackdaw", "Magpie"), family("win.magpie", "Magpie")],
    [software("S0001", "Magpie")],
    ambiguous("S0001 name_of_several_families"),
  ],
  [
    "what is revoked without a successor",
    [family("win.darkmoon", "Darkmoon")],
    [software("S0209", "Darkmoon", { revoked: true })],
    unlinked("S0209 revoked"),
  ],
])("links nothing by %s", (_by, families, all, expected) => {
  expect(link(families, all)).toEqual(expected);
});

test("a better name makes a worse one doubtful", () => {
  const all = [software("S0180", "Volgmer"), software("S0181", "FALLCHILL")];
  expect(link([family("win.volgmer", "Volgmer", "FALLCHILL")], all)).toEqual({
    state: "linked",
    links: ["S0180 name 90"],
    rejected: ["S0181 other_software"],
  });
});

test("an alias that names one software decides where the name is that of several", () => {
  const all = [
    software("S0145", "POWERSOURCE", { aliases: ["DNSMessenger"] }),
    software("S0146", "TEXTMATE", { aliases: ["DNSMessenger"] }),
  ];
  expect(link([family("win.dnsmessenger", "DNSMessenger", "TEXTMATE")], all)).toEqual({
    state: "linked",
    links: ["S0146 alias 80"],
    rejected: ["S0145 name_of_several_software"],
  });
});

test("software that is called so comes before software with the name as an alias", () => {
  const all = [
    software("S0284", "More_eggs", { aliases: ["SpicyOmelette"] }),
    software("S0646", "SpicyOmelette"),
  ];
  expect(link([family("win.spicyomelette", "SpicyOmelette")], all)).toEqual({
    state: "linked",
    links: ["S0646 name 90"],
    rejected: ["S0284 name_of_several_software"],
  });
});

test("families on different platforms share a name without doubt, and so do two keys of one malware", () => {
  const mirai = software("S9999", "Mirai", { platforms: ["Linux"] });
  expect(link([family("elf.mirai", "Mirai"), family("win.mirai", "Mirai")], [mirai])).toEqual(
    linked("S9999 name 90"),
  );
  const keys = [
    family("win.lactrodectus", "Latrodectus", "IceNova"),
    family("win.latrodectus", "Latrodectus", "IceNova"),
  ];
  expect(link(keys, [software("S1160", "Latrodectus")])).toEqual(linked("S1160 name 90"));
  const others = [family("win.one", "Latrodectus"), family("win.two", "Latrodectus")];
  expect(link(others, [software("S1160", "Latrodectus")])).toEqual(
    ambiguous("S1160 name_of_several_families"),
  );
});

test("revoked software leads to its successor, over several steps", () => {
  const all = [
    software("S0209", "Darkmoon", { revoked: true, revoked_by: "malware--S0210" }),
    software("S0210", "Darkmoon 2", { revoked: true, revoked_by: "malware--S0012" }),
    software("S0012", "PoisonIvy"),
  ];
  const [found] = linkFamilies([family("win.darkmoon", "Darkmoon")], all);
  expect(found?.links).toMatchObject([{ attack_id: "S0012", successor_of: ["S0209"], found_by: "name" }]);
});

test("says what was revoked where what takes its place has its name, too", () => {
  const all = [
    software("S0209", "Darkmoon", { revoked: true, revoked_by: "malware--S0012" }),
    software("S0012", "PoisonIvy", { aliases: ["Darkmoon"] }),
  ];
  const [found] = linkFamilies([family("win.darkmoon", "Darkmoon")], all);
  expect(found?.links).toMatchObject([{ attack_id: "S0012", successor_of: ["S0209"], found_by: "alias" }]);
});

test("software that was revoked in a circle links nothing", () => {
  const all = [
    software("S0001", "Roundabout", { revoked: true, revoked_by: "malware--S0002" }),
    software("S0002", "Other", { revoked: true, revoked_by: "malware--S0001" }),
  ];
  expect(link([family("win.roundabout", "Roundabout")], all).state).toBe("unlinked");
});

test("deprecated software is linked only where no other has the name, and says so", () => {
  const old = software("S1003", "Conficker", { deprecated: true });
  const conficker = family("win.conficker", "Conficker");
  expect(link([conficker], [old, software("S0608", "Conficker")])).toEqual(linked("S0608 name 90"));
  const [found] = linkFamilies([conficker], [old]);
  expect(found?.links).toMatchObject([{ attack_id: "S1003", deprecated: true }]);
});

test("the table links what names do not, and refuses what they do", () => {
  const all = [software("S1207", "XLoader"), software("S1148", "Raccoon Stealer")];
  const because = { because: "It says so.", source: "https://example.com/" };
  const table = [
    { malware: "osx.xloader", attack_id: "S1207", decision: "link", ...because },
    { malware: "win.xloader", attack_id: "S1207", decision: "refuse", ...because },
  ] as const;
  expect(link([family("osx.xloader", "Xloader")], all, table)).toEqual(linked("S1207 table 100"));
  expect(link([family("win.xloader", "Xloader")], all, table)).toEqual(unlinked("S1207 table"));
  const [found] = linkFamilies([family("win.recordbreaker", "RecordBreaker")], all);
  expect(found?.links).toMatchObject([{ attack_id: "S1148", found_by: "table", confidence: 100 }]);
});

test("says by which names, as the family spells them", () => {
  const [found] = linkFamilies(
    [family("win.derusbi", "Derusbi (Windows)", "PHOTO")],
    [software("S0021", "Derusbi", { aliases: ["PHOTO"] })],
  );
  expect(found?.links).toMatchObject([{ names: ["Derusbi (Windows)", "PHOTO"] }]);
});
