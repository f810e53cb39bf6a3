import type { LoadDocument, StoredContent } from "../connector/connector.js";
import { describeFailure } from "../store/describe-failure.js";
import type { StorePlace } from "../store/store-place.js";
import { type PreparedDocument, prepareDocument } from "./prepare-document.js";

/** Makes one document of one that was brought and what is stored of it. */
export type Reconcile = (document: LoadDocument, stored: StoredContent) => LoadDocument;

/** Reconciles a document, or says why that failed or why MongoDB cannot hold the outcome. */
export function reconcileDocument(
  brought: PreparedDocument,
  { data, enriched }: StoredContent,
  reconcile: Reconcile,
  store: StorePlace,
): PreparedDocument | { readonly reason: string } {
  try {
    const document = reconcile(brought.document, { data, enriched });
    if (document === brought.document) {
      return brought;
    }
    const { collection, _id, altered } = brought.document;
    return document.collection === collection && document._id === _id
      ? prepareDocument({ ...document, ...(altered && { altered }) })
      : { reason: `reconciling changed it to ${document.collection}/${document._id}, but both have to stay` };
  } catch (error) {
    return { reason: `it could not be reconciled with what is stored: ${describeFailure(error, store)}` };
  }
}
