/** Reads a yes or no as APIs and exports write it; undefined where the value is neither. */
export function parseFlag(value: unknown): boolean | undefined {
  switch (typeof value === "string" ? value.trim().toLowerCase() : value) {
    case true:
    case 1:
    case "1":
    case "true":
      return true;
    case false:
    case 0:
    case "0":
    case "false":
      return false;
    default:
      return undefined;
  }
}
