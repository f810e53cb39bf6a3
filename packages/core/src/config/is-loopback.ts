/** Whether a URL leads to this machine: `127.…`, `[::1]`, `localhost`. A host name is in one spelling there: `127.1` reads `127.0.0.1`. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/u.test(hostname);
}
