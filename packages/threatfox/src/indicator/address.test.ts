import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { addressRange, sortableAddress } from "./address.js";

test.each([
  ["203.0.113.5", "203.000.113.005"],
  ["0.0.0.0", "000.000.000.000"],
  ["2001:db8::1", "[2001:0db8:0000:0000:0000:0000:0000:0001]"],
  ["2001:DB8:0:0::1", "[2001:0db8:0000:0000:0000:0000:0000:0001]"],
  ["::", "[0000:0000:0000:0000:0000:0000:0000:0000]"],
  ["::ffff:203.0.113.5", "203.000.113.005"],
])("%s is spelled %s", (address, spelled) => {
  expect(sortableAddress(address)).toBe(spelled);
});

test.each(["", "c2.example", "203.0.113", "010.0.0.1", "203.0.113.5:443", "[2001:db8::1]", "fe80::1%eth0"])(
  "%j is not an address",
  (text) => {
    expect(sortableAddress(text)).toBeUndefined();
  },
);

test.each([
  ["203.0.113.0/24", "203.000.113.000", "203.000.113.255"],
  ["203.0.113.77/24", "203.000.113.000", "203.000.113.255"],
  ["203.0.113.77/31", "203.000.113.076", "203.000.113.077"],
  ["203.0.113.5/32", "203.000.113.005", "203.000.113.005"],
  ["203.0.113.5", "203.000.113.005", "203.000.113.005"],
  ["10.0.0.0/9", "010.000.000.000", "010.127.255.255"],
  ["0.0.0.0/0", "000.000.000.000", "255.255.255.255"],
  [
    "2001:db8::77/33",
    "[2001:0db8:0000:0000:0000:0000:0000:0000]",
    "[2001:0db8:7fff:ffff:ffff:ffff:ffff:ffff]",
  ],
  ["::/0", "[0000:0000:0000:0000:0000:0000:0000:0000]", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]"],
  ["::ffff:203.0.113.77/120", "203.000.113.000", "203.000.113.255"],
  ["::ffff:0:0/96", "000.000.000.000", "255.255.255.255"],
])("%s is from %s to %s", (cidr, from, to) => {
  expect(addressRange(cidr)).toEqual({ from, to });
});

test.each([
  ...["", "10/8", "203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/", "203.0.113.0/24/24", "/24"],
  ...["2001:db8::/129", "fe80::1%eth0/64", "c2.example/24", "203.0.113.0-255", "203.0.113.0/255.255.255.0"],
])("%j is not a network", (text) => {
  expect(addressRange(text)).toBeUndefined();
});

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter((text) => !ipaddr.IPv6.parse(text).isIPv4MappedAddress());

test("an address is in the range of a network if and only if its first bits are those of the network", () => {
  const families = fc.oneof(
    fc.tuple(ipv4, ipv4, fc.integer({ min: 0, max: 32 })),
    fc.tuple(ipv6, ipv6, fc.integer({ min: 0, max: 128 })),
  );
  fc.assert(
    fc.property(families, ([network, address, prefixLength]) => {
      const { from = "", to = "" } = addressRange(`${network}/${prefixLength}`) ?? {};
      const spelled = sortableAddress(address) ?? "";
      const isIn = ipaddr.parse(address).match(ipaddr.parse(network), prefixLength);
      expect(from <= spelled && spelled <= to).toBe(isIn);
      const own = sortableAddress(network) ?? "";
      expect(from <= own && own <= to).toBe(true);
    }),
    { seed: 20_261_128, numRuns: 2000 },
  );
});

test("no IPv6 address is in a range of IPv4, and none of IPv4 in one of IPv6", () => {
  fc.assert(
    fc.property(ipv4, ipv6, (four, six) => {
      expect((sortableAddress(six) ?? "") > (addressRange("0.0.0.0/0")?.to ?? "")).toBe(true);
      expect((sortableAddress(four) ?? "") < (addressRange("::/0")?.from ?? "")).toBe(true);
    }),
    { seed: 20_261_128 },
  );
});
