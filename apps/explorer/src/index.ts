/**
 * The folder of the built page: `index.html`, and everything that it needs in `assets`. Serve `index.html` for every path of a view, too,
 * and the API under `api/v1` beside it.
 */
export const pageFolder = new URL("../dist/page/", import.meta.url);
