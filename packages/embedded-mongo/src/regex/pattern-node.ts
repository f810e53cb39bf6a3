/** What follows a part of a pattern. */
interface Rest {
  /** Nothing follows, so this part may consume more text than it matches. */
  readonly isEnd: boolean;
  readonly canBeEmpty: boolean;
}

/** A part of a pattern, translated to RE2 once it is known what follows. */
export interface PatternNode {
  readonly canBeEmpty: boolean;
  /** It only tests a position, and cannot be repeated. */
  readonly isAssertion: boolean;
  /** The number of characters and assertions with all repetitions written out. */
  readonly size: number;
  source(rest: Rest): string;
}

/** A part that matches one character. */
export function characterNode(source: string): PatternNode {
  return { canBeEmpty: false, isAssertion: false, size: 1, source: () => source };
}

/** @param check throws if the source does not have the meaning of PCRE2 before this rest */
export function assertionNode(source: string, check: (rest: Rest) => void = () => undefined): PatternNode {
  return {
    canBeEmpty: true,
    isAssertion: true,
    size: 1,
    source: (rest) => {
      check(rest);
      return source;
    },
  };
}

export function repeatNode(node: PatternNode, least: number, most: number): PatternNode {
  const quantifier = `{${least},${most === Number.POSITIVE_INFINITY ? "" : most}}`;
  return {
    canBeEmpty: least === 0 || node.canBeEmpty,
    isAssertion: false,
    size: node.size * (most === Number.POSITIVE_INFINITY ? least + 1 : most),
    source: (rest) => `(?:${node.source({ ...rest, isEnd: rest.isEnd && most === 1 })})${quantifier}`,
  };
}

/** @param alternatives each a sequence of nodes */
export function groupNode(alternatives: readonly (readonly PatternNode[])[]): PatternNode {
  return {
    canBeEmpty: alternatives.some((sequence) => sequence.every((node) => node.canBeEmpty)),
    isAssertion: false,
    size: alternatives.flat().reduce((size, node) => size + node.size, alternatives.length),
    source: (rest) => `(?:${alternatives.map((sequence) => sequenceSource(sequence, rest)).join("|")})`,
  };
}

function sequenceSource(sequence: readonly PatternNode[], rest: Rest): string {
  let source = "";
  let { isEnd, canBeEmpty } = rest;
  for (const node of sequence.toReversed()) {
    source = node.source({ isEnd, canBeEmpty }) + source;
    isEnd = false;
    canBeEmpty &&= node.canBeEmpty;
  }
  return source;
}
