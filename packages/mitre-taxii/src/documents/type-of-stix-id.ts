/** `attack-pattern` of `attack-pattern--7385dfaf-…` (STIX 2.1, section 2.9). */
export function typeOfStixId(id: string): string | undefined {
  const end = id.indexOf("--");
  return end > 0 ? id.slice(0, end) : undefined;
}
