import { formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";

/** How a card is laid out. */
export interface CardLayout {
  /** Show whole lists. */
  readonly all: boolean;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

/** The line that ends a list which is cut. */
export function moreOf(count: number): string[] {
  return count > 0 ? [`  ${formatNumber(count)} more`] : [];
}
