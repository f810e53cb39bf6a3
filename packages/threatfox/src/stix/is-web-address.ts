const escaped = "%[0-9A-Fa-f]{2}";
const pathCharacter = `(?:[\\w.~!$&'()*+,;=:@/-]|${escaped})`;
const userInfo = `(?:(?:[\\w.~!$&'()*+,;=:-]|${escaped})*@)?`;
const host = `(?:\\[[0-9A-Fa-f:.]+\\]|(?:[\\w.~!$&'()*+,;=-]|${escaped})+)`;
const webAddress = new RegExp(
  `^https?://${userInfo}${host}(?::\\d*)?(?:/${pathCharacter}*)?(?:\\?(?:${pathCharacter}|\\?)*)?(?:#(?:${pathCharacter}|\\?)*)?$`,
  "iu",
);

/** Tells whether a text is an http or https URI to the letter of RFC 3986, which is stricter than the URL standard. */
export function isWebAddress(text: string): boolean {
  return webAddress.test(text) && URL.canParse(text);
}
