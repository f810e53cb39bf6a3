/** A fill in the light and in the dark scheme. */
export interface Fill {
  readonly light: string;
  readonly dark: string;
}

/** From few to many. The lightness goes away from the page's background, so that many stands out in both schemes. */
export const heat: readonly [Fill, ...Fill[]] = [
  { light: "#fdeedd", dark: "#33261a" },
  { light: "#fbd5ab", dark: "#573617" },
  { light: "#f5a962", dark: "#85490f" },
  { light: "#d9691c", dark: "#d17a2b" },
  { light: "#9a3a06", dark: "#ffbf85" },
];

export function fillOf(colour: string): Fill {
  return { light: colour, dark: colour };
}

/** Black or white: what can be read better on a colour such as `#f5a962`. One of them always has a contrast of 4.5 or more. */
export function textOn(colour: string): string {
  const light = luminance(colour);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}

/** The contrast of two colours, from 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrastOf(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.slice(1).match(/../g) ?? []).map((part) => {
    const share = Number.parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The first score of each step of `heat`: each step begins at about the same multiple of the one before. */
export function stepsUpTo(most: number): readonly number[] {
  const starts = heat.map((_, index) => Math.max(index + 1, Math.ceil(most ** (index / heat.length))));
  return [...new Set(starts)].filter((start) => start <= Math.max(most, 1));
}

/** The colour of the step that a score of 1 or more belongs to. Few steps use the whole range of colours. */
export function fillForScore(score: number, steps: readonly number[]): Fill {
  const step = steps.findLastIndex((start) => score >= start);
  const index = steps.length <= 1 ? 0 : Math.round((step * (heat.length - 1)) / (steps.length - 1));
  return heat[index] ?? heat[0];
}
