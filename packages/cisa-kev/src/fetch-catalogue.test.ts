import { type HttpClient, HttpStatusError } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { catalogueUrl, fetchCatalogue } from "./fetch-catalogue.js";

/** A client that gets 403 from everywhere. */
const refused: Pick<HttpClient, "json"> = {
  json: async (url: string | URL): Promise<never> => {
    throw new HttpStatusError({ url: String(url), status: 403, headers: new Map(), body: "" });
  },
};

test("where CISA refuses this network, the error says what to do", async () => {
  await expect(fetchCatalogue(refused, catalogueUrl, {})).rejects.toThrow(
    /answered 403 Forbidden\. CISA blocks many data centers\. Set KEV_URL to .*raw\.githubusercontent\.com\/cisagov\//u,
  );
});

test.each(["https://mirror.example.com/kev.json", "https://www.cisa.gov.example.com/kev.json"])(
  "where %s refuses, there is nothing to advise",
  async (url) => {
    const failure = fetchCatalogue(refused, url, {});
    await expect(failure).rejects.toBeInstanceOf(HttpStatusError);
    await expect(failure).rejects.not.toThrow(/CISA/u);
  },
);
