import type { LayerJson, MatrixJson } from "@cti-connectors/server/answers";
import { useState } from "preact/hooks";
import { Menu } from "../parts/menu.js";
import { saveFile } from "../parts/save-file.js";
import { drawMatrix } from "./draw-matrix.js";
import type { Column } from "./lay-out.js";
import type { Marks } from "./marks.js";
import { paintSvg } from "./paint-svg.js";
import { writeMatrixCsv } from "./write-matrix-csv.js";

interface ExportMenuProps {
  readonly matrix: MatrixJson;
  readonly layer: LayerJson | undefined;
  readonly columns: readonly Column[];
  readonly marks: Marks;
  readonly title: string;
}

const longestName = 100;

/** Files of the matrix as it is shown. The layer is whole: the Navigator has filters of its own. */
export function ExportMenu({ matrix, layer, columns, marks, title }: ExportMenuProps) {
  const [fault, setFault] = useState<string>();
  const name = [
    matrix.domain,
    matrix.release,
    title
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join("-"),
  ]
    .filter((part) => part !== undefined)
    .join("_")
    .slice(0, longestName);
  const drawing = () => drawMatrix(columns, marks.legend, title);
  const save = (extension: string, type: string, write: () => BlobPart | Promise<BlobPart>) => {
    setFault(undefined);
    const saved = async () => saveFile(`${name}.${extension}`, new Blob([await write()], { type }));
    saved().catch((error) => setFault(`The file could not be made: ${error.message}`));
  };
  return (
    <Menu label="Export">
      {layer !== undefined && (
        <button
          type="button"
          onClick={() => save("json", "application/json", () => JSON.stringify(layer, undefined, 2))}
        >
          Navigator layer
        </button>
      )}
      <button type="button" onClick={() => save("svg", "image/svg+xml", () => drawing().svg)}>
        SVG
      </button>
      <button type="button" onClick={() => save("png", "image/png", () => paintSvg(drawing()))}>
        PNG
      </button>
      <button
        type="button"
        onClick={() => save("csv", "text/csv;charset=utf-8", () => writeMatrixCsv(columns))}
      >
        CSV
      </button>
      {fault !== undefined && <p role="alert">{fault}</p>}
    </Menu>
  );
}
