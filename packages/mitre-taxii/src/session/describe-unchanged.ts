import type { TaxiiCollection } from "../taxii/collections.js";

/** Says of a collection that nothing of it has to be loaded, such as `Mobile ATT&CK: still at release 14.1, skipped`. */
export function describeUnchanged(
  { collections }: { readonly collections: readonly Pick<TaxiiCollection, "id" | "title">[] },
  id: string,
  release: string | null | undefined,
): string {
  const name = collections.find((collection) => collection.id === id)?.title ?? id;
  return release ? `${name}: still at release ${release}, skipped` : `${name}: unchanged, skipped`;
}
