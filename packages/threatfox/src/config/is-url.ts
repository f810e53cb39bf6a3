/** Whether a source of exports is a URL, and no path. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//iu.test(source);
}
