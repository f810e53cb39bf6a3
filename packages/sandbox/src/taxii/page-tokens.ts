import { randomUUID } from "node:crypto";
import { badRequest, type TaxiiSource } from "@cti-connectors/taxii-server";

/** A source whose tokens are refused when they were not used for so long. */
export function expireTokens(source: TaxiiSource, lifeMs: number): TaxiiSource {
  return {
    ...source,
    async readPage({ after, ...query }) {
      const [issuedAt, position] = after?.split(" ") ?? [];
      if (issuedAt !== undefined && Date.now() - Number(issuedAt) > lifeMs) {
        throw expired();
      }
      const page = await source.readPage({ ...query, ...(position !== undefined && { after: position }) });
      return { ...page, ...(page.next !== undefined && { next: `${Date.now()} ${page.next}` }) };
    },
  };
}

/** A source whose pages all have one token: it knows how far each listing got, and passes over what a client asks for twice. */
export function keepOneToken(source: TaxiiSource, lifeMs = Number.POSITIVE_INFINITY): TaxiiSource {
  const listings = new Map<string, { readonly position: string; readonly usedAt: number }>();
  return {
    ...source,
    async readPage({ after, ...query }) {
      const listing = after === undefined ? undefined : listings.get(after);
      if (after !== undefined && (listing === undefined || Date.now() - listing.usedAt > lifeMs)) {
        listings.delete(after);
        throw expired();
      }
      const page = await source.readPage({ ...query, ...(listing && { after: listing.position }) });
      const { next: position, ...rest } = page;
      const token = after ?? randomUUID();
      if (position === undefined) {
        listings.delete(token);
        return rest;
      }
      listings.set(token, { position, usedAt: Date.now() });
      return { ...rest, next: token };
    },
  };
}

function expired() {
  return badRequest("'next' not valid");
}
