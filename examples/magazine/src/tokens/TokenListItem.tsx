import type { ApiToken } from "@tollgate/client";
import { date } from "../format";

export function TokenListItem({ token, remove }: { token: ApiToken; remove: () => void }) {
  const { name, scopes, last_used_at, expires_at } = token;
  return (
    <li>
      <div>
        <h3>{name}</h3>
        <p className="label">
          {scopes.join(", ")} · {last_used_at === null ? "never used" : `last used on ${date(last_used_at)}`}
          {expires_at !== null && ` · expires on ${date(expires_at)}`}
        </p>
      </div>
      <button className="button quiet small" type="button" aria-label={`Delete ${name}`} onClick={remove}>
        Delete
      </button>
    </li>
  );
}
