/** What an IOC points at, taken apart so that it can be looked up. */
export interface Indicator {
  /** ThreatFox's `ioc_type` as given; null where the record has none. */
  readonly type: string | null;
  /** The IOC in one spelling (case, punycode, IPv6 notation); as given where it is malformed or of an unknown type. */
  readonly value: string;
  /** The IP address or domain name in it: the field to ask "is this host known?". */
  readonly host: string | null;
  readonly port: number | null;
  readonly ip_version: 4 | 6 | null;
  /** Of a URL, from the first `/`, without query and fragment. */
  readonly path?: string;
  /** A name of STIX 2.1's vocabulary `hash-algorithm-ov`, or of the same form where that has none. */
  readonly hash_algorithm: string | null;
  /** One sentence on why the IOC is not what its type says. Such an IOC has no STIX pattern. */
  readonly problem?: string;
}

/** An indicator without host, port or hash algorithm. */
export function plainIndicator(type: string | null, value: string, problem?: string): Indicator {
  return {
    type,
    value,
    host: null,
    port: null,
    ip_version: null,
    hash_algorithm: null,
    ...(problem === undefined ? {} : { problem }),
  };
}
