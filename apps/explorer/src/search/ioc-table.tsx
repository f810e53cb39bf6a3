import type { IocJson } from "@cti-connectors/server/answers";
import { linkToFamily, linkToSearch } from "../location/links.js";
import { CopyButton } from "../parts/copy-button.js";
import { readWebAddress } from "../parts/parse-description.js";
import { SafeLink } from "../parts/safe-link.js";
import { ScrollBox } from "../parts/scroll-box.js";
import { Time } from "../parts/time.js";

interface IocTableProps {
  readonly iocs: readonly IocJson[];
  readonly label: string;
}

/** IOCs are shown defanged, and are no links: the button copies what they really are. */
export function IocTable({ iocs, label }: IocTableProps) {
  return (
    <ScrollBox label={label}>
      <table class="iocs" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Indicator</th>
            <th scope="col">Type</th>
            <th scope="col">Malware</th>
            <th scope="col" class="number">
              Confidence
            </th>
            <th scope="col">First seen</th>
            <th scope="col">Last seen</th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          {iocs.map((ioc) => (
            <IocRow key={ioc.id} {...ioc} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function IocRow(ioc: IocJson) {
  const { value, defanged, type, threat_type, malware, malware_name, confidence, expired, tags } = ioc;
  return (
    <tr>
      <td class="indicator">
        <code>{defanged}</code> <CopyButton value={value} what={`the real value of ${defanged}`} />{" "}
        <a href={linkToSearch(value)} aria-label={`Look up ${defanged}`}>
          look up
        </a>
        <Tags tags={tags} />
      </td>
      <td>
        {type ?? "–"}
        <small class="line">{threat_type}</small>
      </td>
      <td>
        {malware === null ? "–" : <a href={linkToFamily(malware)}>{malware_name ?? malware}</a>}
        <small class="line">{malware}</small>
      </td>
      <td class="number">{confidence === null ? "–" : `${confidence} %`}</td>
      <td>
        <Time at={ioc.first_seen} />
      </td>
      <td>
        <Time at={ioc.last_seen} />
        {expired && <span class="badge warn">expired</span>}
      </td>
      <td class="reported">
        {ioc.reporter ?? "–"}
        <Reference {...ioc} />
      </td>
    </tr>
  );
}

function Tags({ tags }: Pick<IocJson, "tags">) {
  return tags.length === 0 ? null : (
    <span class="tags">
      {tags.map((tag) => (
        <span key={tag} class="badge">
          {tag}
        </span>
      ))}
    </span>
  );
}

function Reference({ reference }: Pick<IocJson, "reference">) {
  if (reference === null) {
    return null;
  }
  return (
    <small class="line">
      {readWebAddress(reference) === undefined ? reference : <SafeLink to={reference}>reference</SafeLink>}
    </small>
  );
}
