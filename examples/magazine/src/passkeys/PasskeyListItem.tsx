import type { Passkey } from "@tollgate/client";
import { useEffect, useRef, useState } from "react";
import { date, dateTime } from "../format";
import { RenameForm } from "./RenameForm";

export function PasskeyListItem({ passkey, remove }: { passkey: Passkey; remove: () => void }) {
  const { name, created_at, last_used_at, backed_up } = passkey;
  const [isRenaming, setIsRenaming] = useState(false);
  const renameButton = useRef<HTMLButtonElement>(null);
  const wasRenaming = useRef(false);
  useEffect(() => {
    // The form that had the focus has disappeared.
    if (wasRenaming.current && !isRenaming) renameButton.current?.focus();
    wasRenaming.current = isRenaming;
  }, [isRenaming]);

  if (isRenaming) {
    return (
      <li>
        <RenameForm passkey={passkey} close={() => setIsRenaming(false)} />
      </li>
    );
  }
  return (
    <li>
      <div>
        <h3>
          {name}
          {backed_up && <span className="badge">Synced</span>}
        </h3>
        <p className="label">
          Added on <time dateTime={created_at}>{date(created_at)}</time> ·{" "}
          {last_used_at ? (
            <>
              last used <time dateTime={last_used_at}>{dateTime(last_used_at)}</time>
            </>
          ) : (
            "not used yet"
          )}
        </p>
      </div>
      <p className="actions">
        <button
          ref={renameButton}
          className="button quiet small"
          type="button"
          aria-label={`Rename ${name}`}
          onClick={() => setIsRenaming(true)}
        >
          Rename
        </button>
        <button className="button quiet small" type="button" aria-label={`Delete ${name}`} onClick={remove}>
          Delete
        </button>
      </p>
    </li>
  );
}
