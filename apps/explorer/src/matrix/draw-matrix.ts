import type { Cell, Column } from "./lay-out.js";
import type { LegendEntry } from "./marks.js";
import { textOn } from "./palette.js";

export interface Drawing {
  /** A document of its own, in light colours. */
  readonly svg: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

const [cellWidth, cellHeight, gap, margin] = [150, 30, 3, 16];
const [titleHeight, legendHeight, headHeight, indent] = [34, 30, 40, 10];
const namespace = "http://www.w3.org/2000/svg";

/** Draws the matrix as it is shown. */
export function drawMatrix(
  columns: readonly Column[],
  legend: readonly LegendEntry[],
  title: string,
): Drawing {
  const top = margin + titleHeight + legendHeight;
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const size = {
    width: 2 * margin + Math.max(4, columns.length) * (cellWidth + gap),
    height: top + headHeight + rows * (cellHeight + gap) + margin,
  };
  const svg = element("svg", { xmlns: namespace, viewBox: `0 0 ${size.width} ${size.height}`, ...size });
  svg.setAttribute("font-family", "system-ui, sans-serif");
  svg.append(
    element("title", {}, title),
    element("rect", { ...size, fill: "#ffffff" }),
    element("text", { x: margin, y: margin + 18, "font-size": 18, "font-weight": 600 }, title),
    ...drawLegend(legend),
    ...columns.flatMap(({ tactic, cells }, column) => {
      const x = margin + column * (cellWidth + gap);
      return [
        element("text", { x, y: top + 16, "font-size": 12, "font-weight": 600 }, tactic.name),
        ...cells.flatMap((cell, row) => drawCell(cell, x, top + headHeight + row * (cellHeight + gap))),
      ];
    }),
  );
  return { svg: new XMLSerializer().serializeToString(svg), ...size };
}

function drawLegend(legend: readonly LegendEntry[]): readonly Element[] {
  let x = margin;
  return legend.flatMap(({ text, label, fill }) => {
    const [y, swatch] = [margin + titleHeight, 16 + text.length * 7];
    const drawn = [
      element("rect", { x, y: y - 4, width: swatch, height: 18, rx: 3, fill: fill.light }),
      element("text", { x: x + 8, y: y + 9, "font-size": 11, fill: textOn(fill.light) }, text),
      element("text", { x: x + swatch + 5, y: y + 9, "font-size": 11 }, label),
    ];
    x += swatch + 16 + label.length * 6.5;
    return drawn;
  });
}

function drawCell({ technique, isSub, mark }: Cell, left: number, y: number): readonly Element[] {
  const [x, width] = isSub ? [left + indent, cellWidth - indent] : [left, cellWidth];
  const fill = mark?.fill.light ?? "#ffffff";
  const ink = mark === undefined ? "#1f2328" : textOn(fill);
  const score = mark?.text ?? "";
  const lines = wrap(technique.name, Math.floor((width - 12 - score.length * 6) / 5.2));
  return [
    element("rect", { x, y, width, height: cellHeight, rx: 2, fill, stroke: "#d1d9e0" }),
    ...lines.map((line, index) =>
      element(
        "text",
        {
          x: x + 5,
          y: y + (lines.length === 1 ? 18 : 12 + index * 12),
          "font-size": 10,
          fill: ink,
        },
        line,
      ),
    ),
    ...(score === ""
      ? []
      : [
          element(
            "text",
            {
              x: x + width - 4,
              y: y + 18,
              "font-size": 10,
              "font-weight": 600,
              "text-anchor": "end",
              fill: ink,
            },
            score,
          ),
        ]),
  ];
}

/** Two lines at most. */
function wrap(text: string, letters: number): readonly string[] {
  const [first = "", second = ""] = [...splitLines(text, letters)];
  return second === "" ? [first] : [first, second];
}

function* splitLines(text: string, letters: number): Generator<string> {
  const words = text.split(" ");
  let line = words.shift() ?? "";
  for (const [index, word] of words.entries()) {
    if (line.length + 1 + word.length > letters) {
      yield line;
      line = word;
      // What does not fit on the second line ends in an ellipsis.
      const rest = words.slice(index).join(" ");
      yield rest.length > letters ? `${rest.slice(0, letters - 1)}…` : rest;
      return;
    }
    line = `${line} ${word}`;
  }
  yield line;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): Element {
  const created = document.createElementNS(namespace, name);
  for (const [attribute, value] of Object.entries(attributes)) {
    created.setAttribute(attribute, String(value));
  }
  if (text !== undefined) {
    created.textContent = text;
  }
  return created;
}
