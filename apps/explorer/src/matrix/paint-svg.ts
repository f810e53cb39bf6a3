import type { Drawing } from "./draw-matrix.js";

/** What browsers allow a side of a canvas to have. */
const longestSide = 16_000;

/**
 * Makes a PNG of a drawing, twice as fine as on the screen where that is possible.
 *
 * @throws Error where the browser cannot paint it
 */
export async function paintSvg({ svg, width, height }: Drawing): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(2, longestSide / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob === null) {
      throw new Error("the browser cannot paint a picture of this size");
    }
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
