/** The samples of a text in Prometheus' format, by name and labels as they are written: `up{job="x"}`. */
export function readMetrics(text: string): ReadonlyMap<string, number> {
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    samples.map((line) => {
      const [, series = "", value = ""] = /^(.+) (\S+)$/.exec(line) ?? [];
      return [series, Number(value)];
    }),
  );
}
