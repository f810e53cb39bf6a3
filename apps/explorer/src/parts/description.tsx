import { AttackLink } from "../location/attack-link.js";
import { type Piece, parseDescription } from "./parse-description.js";
import { SafeLink } from "./safe-link.js";

/** What ATT&CK says about something. */
export function Description({ text }: { readonly text: string }) {
  return (
    <div class="description">
      {parseDescription(text).map(({ kind, items }) =>
        kind === "paragraph" ? (
          <p>{items[0]?.map(showPiece)}</p>
        ) : (
          <ul class="bullets">
            {items.map((pieces) => (
              <li>{pieces.map(showPiece)}</li>
            ))}
          </ul>
        ),
      )}
    </div>
  );
}

function showPiece({ kind, text, target = "" }: Piece) {
  switch (kind) {
    case "text":
      return text;
    case "code":
      return <code>{text}</code>;
    case "citation":
      return <cite title={`Source: ${text}`}>[{text}]</cite>;
    case "attack":
      return <AttackLink id={target}>{text}</AttackLink>;
    case "link":
      return <SafeLink to={target}>{text}</SafeLink>;
  }
}
