import type { LayerGradient, LegendItem } from "./navigator-layer.js";

/** Between these hues there is no red: the gradient of overlaps has it. */
const [firstHue, hues] = [30, 300];
const blue = 210;

/** Light colours, one for each item, as far apart as possible. A single one is blue. */
export function distinctColours(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const turn = (blue - firstHue + (hues * index) / count) % hues;
    return toHex(firstHue + turn, 0.7, index % 2 === 0 ? 0.72 : 0.82);
  });
}

/** @see https://www.w3.org/TR/css-color-3/#hsl-color */
function toHex(hue: number, saturation: number, lightness: number): string {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number) => {
    const at = (offset + hue / 30) % 12;
    return 255 * (lightness - chroma * Math.max(-1, Math.min(at - 3, 9 - at, 1)));
  };
  return formatColour([part(0), part(8), part(4)]);
}

/** From light to dark red. */
export function heatGradient(minValue: number, maxValue: number): LayerGradient {
  return { colors: ["#fee0d2", "#de2d26"], minValue, maxValue: Math.max(maxValue, minValue + 1) };
}

/** The legend's entry for a score: with the colour that the Navigator gives it. */
export function legendItemOf(
  { colors: [from, to], minValue, maxValue }: LayerGradient,
  score: number,
  label: string,
): LegendItem {
  const share = (score - minValue) / (maxValue - minValue);
  const [start, end] = [parseColour(from), parseColour(to)];
  const color = formatColour(start.map((part, index) => part + share * ((end[index] ?? part) - part)));
  return { label, color };
}

function parseColour(colour: string): readonly number[] {
  return (colour.slice(1).match(/../g) ?? []).map((part) => Number.parseInt(part, 16));
}

function formatColour(parts: readonly number[]): string {
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}
