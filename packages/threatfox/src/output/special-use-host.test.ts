import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { parseHost } from "../indicator/parse-host.js";
import { findSpecialUse } from "./special-use-host.js";

/** IANA's special-purpose address registries, as of October 2025, and multicast. */
const special = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/31"],
  ...["192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"],
  ...["192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"],
  ...["240.0.0.0/4", "255.255.255.255/32"],
  ...["::1/128", "::/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23"],
  ...["2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32"],
  ...["2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16"],
  ...["2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];

describe.each(special)("%s", (network) => {
  const family = network.includes(":") ? ipaddr.IPv6 : ipaddr.IPv4;
  const first = family.networkAddressFromCIDR(network).toString();
  const last = family.broadcastAddressFromCIDR(network).toString();

  test.each([first, last])("%s is special", (address) => {
    expect(findSpecialUse(address)).toBe("address");
  });
});

test.each([
  ...["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
  ...["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"],
  ...["192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.101.0"],
  ...["203.0.112.255", "203.0.114.0", "223.255.255.255", "::ffff:808:808"],
  ...["2001:200::1", "2001:db7:ffff::", "2001:db9::", "2003::", "2600::1", "2620:4f:7fff::", "3ffe::1"],
])("%s is an address on the Internet", (address) => {
  expect(findSpecialUse(address)).toBeUndefined();
});

test.each([
  ...["::ffff:10.0.0.1", "::FFFF:c0a8:0101", "0:0:0:0:0:ffff:100.64.0.1", "::10.0.0.1", "::8.8.8.8"],
  ...["::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "2002:0a00:0001::1", "2002:808:808::1"],
  ...["2001:0:4136:e378:8000:63bf:f5ff:fffe", "4000::1", "e000::"],
])("%s is special, whatever IPv4 address it holds or whoever will get it", (address) => {
  expect(findSpecialUse(parseHost(address)?.host ?? "")).toBe("address");
});

test.each([
  ...["localhost", "a.localhost", "localhost.localdomain", "router.local", "printer.lan", "host.internal"],
  ...["a.home.arpa", "home.arpa", "x.test", "x.invalid", "intranet", "dc1.corp", "nas.home", "wiki.intranet"],
  ...["10.in-addr.arpa", "1.0.0.10.in-addr.arpa", "168.192.in-addr.arpa", "in-addr.arpa", "arpa"],
  ...["lb._dns-sd._udp.0.1.168.192.in-addr.arpa", "8.e.f.ip6.arpa", "d.f.ip6.arpa", "ip6.arpa"],
  ...["ipv4only.arpa", "999.in-addr.arpa", "x.in-addr.arpa"],
])("%s is a name of a local network", (name) => {
  expect(findSpecialUse(name)).toBe("name");
});

test.each([
  ...["example.com", "bad.example", "local.example.com", "localhost.example.net", "home.example", "lan.io"],
  ...["8.8.8.8.in-addr.arpa", "8.8.in-addr.arpa", "x.8.8.8.8.in-addr.arpa", "0.0.6.2.ip6.arpa", "a.onion"],
])("%s is no name of a local network", (name) => {
  expect(findSpecialUse(name)).toBeUndefined();
});
