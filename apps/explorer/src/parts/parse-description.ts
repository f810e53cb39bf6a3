/** A piece of a text: `text` is what is shown. */
export interface Piece {
  readonly kind: "text" | "code" | "citation" | "link" | "attack";
  readonly text: string;
  /** Of a `link` its address, of `attack` the ATT&CK id. */
  readonly target?: string;
}

export interface Block {
  readonly kind: "paragraph" | "list";
  /** Those of a list, or one. */
  readonly items: readonly (readonly Piece[])[];
}

/**
 * Reads what ATT&CK writes: Markdown, of which it uses paragraphs, lists, links and code, with citations as `(Citation: …)`. Everything else, markup
 * included, is text.
 */
export function parseDescription(text: string): readonly Block[] {
  return text.split(/\n\s*\n/).map((part) => {
    const lines = part.trim().split("\n");
    return lines.every((line) => bullet.test(line))
      ? { kind: "list", items: lines.map((line) => parseLine(line.replace(bullet, ""))) }
      : { kind: "paragraph", items: [parseLine(part.trim())] };
  });
}

const bullet = /^\s*[*-]\s+/;
const tokens =
  /\[(?<label>[^\]\n]+)\]\((?<target>(?:[^()\s]|\([^()\s]*\))+)\)|<code>(?<html>.*?)<\/code>|`(?<code>[^`\n]+)`|\(Citation: (?<citation>[^)]+)\)/gs;

function parseLine(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of line.matchAll(tokens)) {
    pieces.push({ kind: "text", text: line.slice(end, match.index) }, pieceOf(match));
    end = match.index + match[0].length;
  }
  return [...pieces, { kind: "text" as const, text: line.slice(end) }].filter(({ text }) => text !== "");
}

function pieceOf({ 0: whole, groups = {} }: RegExpMatchArray): Piece {
  const { label = "", target, html, code = html, citation } = groups;
  if (citation !== undefined) {
    return { kind: "citation", text: citation };
  }
  if (code !== undefined) {
    return { kind: "code", text: code };
  }
  const attackId = attackIdOf(target);
  if (attackId !== undefined) {
    return { kind: "attack", text: label, target: attackId };
  }
  const address = readWebAddress(target);
  return address === undefined
    ? { kind: "text", text: whole }
    : { kind: "link", text: label, target: address };
}

/** `https://attack.mitre.org/techniques/T1059/001` → `T1059.001`. */
function attackIdOf(url: string | undefined): string | undefined {
  const [, id, sub] =
    /^https?:\/\/attack\.mitre\.org\/[a-z]+\/([A-Z]{1,2}\d{4})(?:\/(\d{3}))?\/?$/.exec(url ?? "") ?? [];
  return id === undefined || sub === undefined ? id : `${id}.${sub}`;
}

/** What came from an upstream, if it is an address of the web: anything else could run in the page. */
export function readWebAddress(text: string | null | undefined): string | undefined {
  if (typeof text !== "string" || !URL.canParse(text)) {
    return undefined;
  }
  const { protocol, href } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}
