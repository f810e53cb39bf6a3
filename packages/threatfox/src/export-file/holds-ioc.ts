/** Whether a record of an export names an IOC, as exports do or as the API does. */
export function holdsIoc(record: unknown): boolean {
  return (
    typeof record === "object" &&
    record !== null &&
    (("ioc_value" in record && isText(record.ioc_value)) || ("ioc" in record && isText(record.ioc)))
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
