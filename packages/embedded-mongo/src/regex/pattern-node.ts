/** What may follow a part of a pattern on its way to the end. */
interface Rest {
  /** Nothing follows, so that this part may take text that is not its own. */
  readonly isEnd: boolean;
  readonly canBeEmpty: boolean;
}

/** A part of a pattern, which RE2's syntax is made from once it is known what follows. */
export interface PatternNode {
  readonly canBeEmpty: boolean;
  /** It only tests a position, and cannot be repeated. */
  readonly isAssertion: boolean;
  /** How many characters and assertions it has once its repetitions are written out. */
  readonly size: number;
  source(rest: Rest): string;
}

/** Something that takes a character. */
export function characterNode(source: string): PatternNode {
  return { canBeEmpty: false, isAssertion: false, size: 1, source: () => source };
}

export function assertionNode(source: string): PatternNode {
  return { canBeEmpty: true, isAssertion: true, size: 1, source: () => source };
}

/**
 * `$` or `\Z`: the end, or before a line feed that ends the text. RE2 has nothing like it; at the end of a pattern that line feed
 * can be taken.
 */
export function endNode(refuse: () => Error): PatternNode {
  return {
    canBeEmpty: true,
    isAssertion: true,
    size: 1,
    source: ({ isEnd }) => {
      if (!isEnd) {
        throw refuse();
      }
      return "\\n?\\z";
    },
  };
}

/** `^` of several lines: unlike RE2's not after a line feed that ends the text, where only an empty match is possible. */
export function lineStartNode(refuse: () => Error): PatternNode {
  return {
    canBeEmpty: true,
    isAssertion: true,
    size: 1,
    source: ({ canBeEmpty }) => {
      if (canBeEmpty) {
        throw refuse();
      }
      return "(?m:^)";
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
