/** What was changed, by field of the object or list that holds it. Beside the values, so that these stay what an upstream sent. */
const marks = new WeakMap<object, Map<string, string>>();
let isAnyMarked = false;

const replacement = "\uFFFD";

/** Remembers of a field that it is a number kept as text, digit by digit. */
export function markInexactNumber(container: object, field: string): void {
  markAltered(container, field, "a number kept as text, because a number would lose digits");
}

function markAltered(container: object, field: string, what: string): void {
  isAnyMarked = true;
  const known = marks.get(container);
  if (known === undefined) {
    marks.set(container, new Map([[field, what]]));
  } else {
    known.set(field, what);
  }
}

/** Remembers of each text with U+FFFD in it that bytes which are no UTF-8 may have been in its place. */
export function markReplacedBytes(value: unknown): void {
  for (const { container } of containersIn(value)) {
    for (const [name, field] of Object.entries(container)) {
      if (name.includes(replacement) || (typeof field === "string" && field.includes(replacement))) {
        markAltered(container, name, "invalid UTF-8 was replaced by U+FFFD");
      }
    }
  }
}

/**
 * Marks a copy like the value that it was made from. A schema copies objects and lists: what it left as it was keeps its mark.
 *
 * @param copy may share objects with `value`
 */
export function keepMarks(value: unknown, copy: unknown): void {
  if (!isAnyMarked) {
    return;
  }
  const pending: (readonly [from: unknown, to: unknown])[] = [[value, copy]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, to] = next;
    if (from === to || !isContainer(from) || !isContainer(to)) {
      continue;
    }
    const before = new Map(Object.entries(from));
    for (const [name, field] of Object.entries(to)) {
      const what = marks.get(from)?.get(name);
      if (what !== undefined && field === before.get(name)) {
        markAltered(to, name, what);
      }
      pending.push([before.get(name), field]);
    }
  }
}

/**
 * Says what of a value is not as it came, one text for each field that begins with its path. It finds what was marked on the very
 * objects that the value is made of, not on copies of them.
 */
export function alterationsIn(value: unknown): readonly string[] {
  if (!isAnyMarked) {
    return [];
  }
  const found: string[] = [];
  for (const { container, path } of containersIn(value)) {
    for (const [field, what] of marks.get(container) ?? []) {
      found.push(`${path}${field}: ${what}`);
    }
  }
  return found;
}

interface Located {
  readonly container: object;
  /** Empty, or with a dot at its end. */
  readonly path: string;
}

/** All objects and lists, however deeply they are nested. */
function* containersIn(value: unknown): Iterable<Located> {
  const pending: Located[] = isContainer(value) ? [{ container: value, path: "" }] : [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    for (const [name, field] of Object.entries(next.container)) {
      if (isContainer(field)) {
        pending.push({ container: field, path: `${next.path}${name}.` });
      }
    }
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
