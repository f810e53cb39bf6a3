import { z } from "zod";
import { answerList } from "./threatfox-answer.js";
import type { ThreatfoxQuery } from "./threatfox-query.js";

const searchSchema = z.object({
  search_term: z.string().min(3),
  exact_match: z.boolean().default(false),
});

/** The IOCs that contain `search_term`, or with `exact_match` equal it. */
export const searchIoc: ThreatfoxQuery = (database, request) => {
  const search = searchSchema.safeParse(request);
  if (!search.success) {
    return {
      query_status: "illegal_search_term",
      data: "Expected a search_term of three characters or more",
    };
  }
  const { search_term: term, exact_match: exact } = search.data;
  return answerList(database.records.filter(({ ioc }) => (exact ? ioc === term : ioc.includes(term))));
};
