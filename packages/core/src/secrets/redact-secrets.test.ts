import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createRedactor, redactSecrets } from "./redact-secrets.js";

// Thousands of random secrets.
vi.setConfig({ testTimeout: 120_000 });

const secret = 'p/ä+s "w?rd';
const hex = (sign: string) => sign.charCodeAt(0).toString(16);

describe("a known secret is replaced", () => {
  test.each([
    ["as it is", secret],
    ["JSON-escaped", JSON.stringify(secret).slice(1, -1)],
    ["JSON in JSON", JSON.stringify(JSON.stringify(secret)).slice(1, -1)],
    ["percent-encoded", encodeURIComponent(secret)],
    [
      "percent-encoded in lower case",
      encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["as a form field", new URLSearchParams({ s: secret }).toString().slice(2)],
    ["with every character percent-encoded", Buffer.from(secret).toString("hex").replaceAll(/../g, "%$&")],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(secret))],
    ["in JSON of ASCII alone", JSON.stringify(secret).slice(1, -1).replace("ä", String.raw`\u00e4`)],
    ["with upper-case escapes", String.raw`p\/\u00E4+s \"w?rd`],
    [
      "with an escape for every character",
      [...secret].map((sign) => `\\u${hex(sign).padStart(4, "0")}`).join(""),
    ],
    ["as JavaScript writes it", String.raw`p/\xe4+s \u{22}w?rd`],
    ["in HTML", "p/&#228;+s &quot;w?rd"],
    ["in HTML, in hexadecimal", "p&#x2F;&#xE4;&#x2b;s&#x20;&#34;w?rd"],
    ["in HTML in HTML", "p/&amp;#228;+s &amp;quot;w?rd"],
    ["in base64", Buffer.from(secret).toString("base64").replace(/.=+$/, "")],
  ])("%s", (_, spelling) => {
    const text = redactSecrets(`before ${spelling} after`, [secret]);
    expect(text).not.toContain(spelling);
    expect(text).toMatch(/^before [\\"]*\[redacted\][\\"]* after$/);
  });

  test("in base64 of something that holds it, wherever it begins there", () => {
    for (const user of ["", "a", "ab", "abc"]) {
      const basic = Buffer.from(`${user}:hunter2hunter2:tail`).toString("base64");
      expect(redactSecrets(`x ${basic}`, ["hunter2hunter2"])).toContain("[redacted]");
      expect(redactSecrets(`x ${basic}`, ["hunter2hunter2"])).not.toContain(basic.slice(4, -4));
    }
  });

  test("the longer one first, where one is a part of the other", () => {
    expect(redactSecrets("abcdefgh abcd", ["abcd", "abcdefgh"])).toBe("[redacted] [redacted]");
  });

  test("but one of fewer than four characters is left, ordinary words would go with it", () => {
    expect(redactSecrets("a cat sat", ["", "a", "at", "cat"])).toBe("a cat sat");
    expect(redactSecrets("auth-key=cat", ["cat"])).toBe("auth-key=[redacted]");
  });
});

describe("what looks like a secret is replaced", () => {
  test.each([
    ["mongodb://user:pa%40ss@db.example.com/x", "mongodb://[redacted]@db.example.com/x"],
    [
      "at mongodb+srv://user:p@ss/w@cluster.example.com, please",
      "at mongodb+srv://[redacted]@cluster.example.com, please",
    ],
    ["https://user:pass@example.com/a@b", "https://[redacted]@example.com/a@b"],
    ["https://token@example.com/", "https://[redacted]@example.com/"],
    ["GET /full.json.zip?auth-key=abc&days=1", "GET /full.json.zip?auth-key=[redacted]&days=1"],
    ["Auth-Key: abc", "Auth-Key: [redacted]"],
    ['{"Auth-Key":"abc","days":1}', '{"Auth-Key":"[redacted]","days":1}'],
    ['{\\"auth_key\\":\\"abc\\"}', '{\\"auth_key\\":\\"[redacted]\\"}'],
    ["{ 'Auth-Key': 'abc' }", "{ 'Auth-Key': '[redacted]' }"],
    ["THREATFOX_API_KEY=abc", "THREATFOX_API_KEY=[redacted]"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"],
    ["sent Basic dXNlcjpwYXNz to it", "sent Basic [redacted] to it"],
  ])("%s", (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  test.each([
    ["it's(a)*~!1x", "it%27s%28a%29%2A%7E%211x"],
    ["it's(a)*~!1x", "it%27s%28a%29%2a%7e%211x"],
    ["it's(a)*~!1x", "it&#39;s(a)*~!1x"],
    ["Tök3n&<more>", "T%C3%B6k3n%26%3Cmore%3E"],
    ["Tök3n&<more>", "T\\u00f6k3n\\u0026\\u003cmore\\u003E"],
    ["Tök3n&<more>", "t\\u00D6k3n&amp;&lt;MORE&gt;"],
  ])("%s written as %s", (value, spelling) => {
    expect(redactSecrets(`a ${spelling} b`, [value])).toBe("a [redacted] b");
  });

  test.each([
    ["the server says password: s3cr3t", "the server says password: [redacted]"],
    ["password:check", "password:[redacted]"],
    ["password=check", "password=[redacted]"],
    ["auth-key: check", "auth-key: [redacted]"],
    ["Authorization: Basic bWU6cGFzcw==", "Authorization: Basic [redacted]"],
    ["mongodb://user:password1@host/", "mongodb://[redacted]@host/"],
    [
      "https://user:password@host/ https://me:password@host/",
      "https://user:password@host/ https://[redacted]@host/",
    ],
  ])("also beside words: %s", (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  test("a short one that is known, also where a word could stand", () => {
    expect(redactSecrets("password: cat", ["cat"])).toBe("password: [redacted]");
  });

  test.each([
    "refuses the user or the password: check both in MONGO_URI",
    "write mongodb://user:password@host:27017/ or mongodb+srv://user:password@host/",
    "such as http://user:password@proxy.example.com:3128, with special characters as %XX",
    "HTTP Basic authentication, Bearer credentials",
    "Behavioral Detection of Visual Basic Execution (VBS/VBA/VBScript)",
    "the token: as in MITRE_TOKEN. MITRE_PASSWORD: it is not set. Set THREATFOX_API_KEY=… or THREATFOX_API_KEY=<key>",
    "mongodb://127.0.0.1:27017/threat_intelligence",
    "mail admin@example.com about https://example.com/@user",
    "author: somebody, keys: 3, monkey=1",
    "2026-11-01T10:00:00.000Z",
  ])("and this is left: %s", (text) => {
    expect(redactSecrets(text)).toBe(text);
  });
});

test("a secret never comes through, whatever stands around it and however it is written", () => {
  const characters = fc.oneof(
    fc.string({ minLength: 8, maxLength: 40 }),
    fc.string({ unit: "grapheme", minLength: 8, maxLength: 20 }),
    fc.base64String({ minLength: 8 }),
  );
  const spell = fc.constantFrom<(value: string) => string>(
    (value) => value,
    (value) => JSON.stringify(value).slice(1, -1),
    encodeURIComponent,
    (value) => new URLSearchParams({ s: value }).toString().slice(2),
  );
  fc.assert(
    fc.property(characters, spell, fc.string(), fc.string(), (value, spelling, before, after) => {
      const spelled = spelling(value);
      const text = redactSecrets(before + spelled + after, [value]);
      fc.pre(!(before + after).includes(spelled) && !"[redacted]".includes(value));
      expect(text).not.toContain(spelled);
    }),
    { seed: 20_261_126, numRuns: 1_000 },
  );
});

test("base64 of a text that holds a secret does not give it away", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 12, maxLength: 40 }),
      fc.string(),
      fc.string(),
      (value, before, after) => {
        const encoded = Buffer.from(before + value + after).toString("base64");
        const rest = redactSecrets(encoded, [value]).split("[redacted]");
        const decoded = rest.map((part) => Buffer.from(part, "base64").toString("latin1")).join("|");
        fc.pre(!(before + after).includes(value));
        expect(rest.length).toBeGreaterThan(1);
        expect(decoded).not.toContain(Buffer.from(value).toString("latin1"));
      },
    ),
    { seed: 20_261_126 },
  );
});

test("a private key and a long token are found as a whole, however they are written", () => {
  const line = (index: number) =>
    Buffer.from(`line ${index} of a key that nobody has, and more`).toString("base64").slice(0, 64);
  const lines = Array.from({ length: 25 }, (_, index) => line(index));
  const key = ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
  const token = `eyJhbGciOiJIUzI1NiJ9.${lines.join("")}`;
  const redact = createRedactor([key, token]);
  for (const secret of [key, token]) {
    for (const text of [secret, JSON.stringify(secret), encodeURIComponent(secret)]) {
      expect(lines.filter((each) => redact(`a ${text} b`).includes(each.slice(3, 40)))).toEqual([]);
    }
  }
  const other = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from("another token").toString("base64")}`;
  expect(redact(other)).toBe(other);
});

test("a long phrase is found, too", () => {
  const phrase = "many short words ".repeat(20).trim();
  expect(redactSecrets(`a ${phrase}; b`, [phrase])).toBe("a [redacted]; b");
});

test("a long text is no trouble", () => {
  const redact = createRedactor([secret]);
  for (const part of ["a-", "mongodb://", "://", "token", "x@", "basic "]) {
    expect(redact(part.repeat(20_000)).length).toBeGreaterThan(0);
  }
});
