/**
 * How many ids one `$in` holds. Some servers compare each document with each of them: several short lists are faster
 * there than a long one, and no slower elsewhere.
 */
export const idsPerList = 200;
