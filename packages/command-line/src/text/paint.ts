import { styleText } from "node:util";

/** Colours a text, or leaves it as it is. */
export type Paint = (style: "red" | "green" | "yellow" | "cyan" | "dim" | "bold", text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colours where a person sees them. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? styleText : plain;
}
