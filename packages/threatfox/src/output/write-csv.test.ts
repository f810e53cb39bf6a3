import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { oddRecord } from "../testing/odd-records.js";
import { cobaltStrike, storeIoc, streamOf, textOf } from "../testing/stored-ioc.js";
import { writeCsv } from "./write-csv.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const header =
  "id,ioc_type,ioc,host,port,threat_type,malware,malware_name,malware_aliases,tags,confidence,first_seen,last_seen,expires_at,reference,reporter,is_compromised,stix_id,ingested_at\r\n";

test("an IOC is a row, a list one cell, and nothing an empty one", async () => {
  expect(await textOf(writeCsv(streamOf(storeIoc({ ...cobaltStrike, is_compromised: false }))))).toBe(
    `${header}900001,ip:port,203.0.113.5:443,203.0.113.5,443,botnet_cc,win.cobalt_strike,Cobalt Strike,"Agentemis,BEACON",CobaltStrike,75,2026-01-02T03:04:05.000Z,,2026-07-02T03:04:05.000Z,,abuse_ch,false,indicator--39903a79-9b64-5dc5-8b7c-def67f8e180e,2026-01-02T04:00:00.123Z\r\n`,
  );
});

test("nothing selected is a header", async () => {
  expect(await textOf(writeCsv(streamOf()))).toBe(header);
});

test.each(["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1"])("the formula %j is none", async (reporter) => {
  const text = await textOf(writeCsv(streamOf(storeIoc({ ...cobaltStrike, tags: [reporter] }))));
  expect(text).toContain(`,'${reporter.trim()},`);
});

test.each(["a\nb", "a\rb", "a\r\nb"])("the line break in %j begins no row", async (reporter) => {
  const text = await textOf(writeCsv(streamOf(storeIoc({ ...cobaltStrike, reporter }))));
  expect(text).toContain(`,"${reporter}",`);
});

test("whatever stands in a field, a CSV reader finds it there, in as many rows as there are IOCs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(oddRecord, { maxLength: 450 }), async (records) => {
      const iocs = records.map((record) => storeIoc(record));
      const rows: string[][] = parse(await textOf(writeCsv(streamOf(...iocs))), { from_line: 2 });
      expect(rows).toHaveLength(iocs.length);
      for (const [index, row] of rows.entries()) {
        const { value } = iocs[index]?.enriched.indicator ?? {};
        expect([value, `'${value}`]).toContain(row[2]);
      }
    }),
    { seed: 20_261_126, numRuns: 30 },
  );
});
