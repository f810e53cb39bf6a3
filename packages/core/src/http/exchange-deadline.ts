/** An interrupted run lets an answer that is on its way come to its end, so that it can be stored. */
const graceMs = 3_000;
/** A server that sends less of a download within the time-out counts as silent. */
const leastBytes = 64 * 1024;

interface ExchangeDeadlineOptions {
  /** For the whole exchange, body included, or for each 64 KiB of a download. */
  readonly timeoutMs: number;
  readonly isDownload: boolean;
  /** Cuts a download off at once, and another exchange where it does not end within a few seconds. */
  readonly signal: AbortSignal;
}

/** Sees to it that an exchange of a request and its answer comes to an end. */
export interface ExchangeDeadline {
  /** Aborts when the exchange has to end. */
  readonly cut: AbortSignal;
  /** Whether that was because of the time-out. */
  readonly timedOut: boolean;
  /** Notes that so much of the body has come. */
  received(bytes: number): void;
  /** How the time-out came about, as in `<host> did not answer within 30 s`. */
  describe(via: string): string;
  /** Ends what has not come to its end. */
  stop(): void;
}

export function startExchangeDeadline({
  timeoutMs,
  isDownload,
  signal,
}: ExchangeDeadlineOptions): ExchangeDeadline {
  const cut = new AbortController();
  let timedOut = false;
  let bytesInTime = 0;
  const timer = setTimeout(() => {
    timedOut = true;
    cut.abort();
  }, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const interrupt = () => {
    grace = setTimeout(() => cut.abort(), isDownload ? 0 : graceMs);
  };
  signal.addEventListener("abort", interrupt, { once: true });

  return {
    cut: cut.signal,
    get timedOut() {
      return timedOut;
    },
    received(bytes) {
      bytesInTime += bytes;
      if (isDownload && bytesInTime >= leastBytes) {
        bytesInTime = 0;
        timer.refresh();
      }
    },
    describe(via) {
      const time = `${timeoutMs / 1000} s`;
      if (!isDownload) {
        return `did not answer${via} within ${time}`;
      }
      return bytesInTime === 0
        ? `sent nothing${via} for ${time}`
        : `sent only ${bytesInTime} bytes${via}, less than ${leastBytes / 1024} KiB, in ${time}`;
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(grace);
      signal.removeEventListener("abort", interrupt);
      cut.abort();
    },
  };
}
