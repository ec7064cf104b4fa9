import { FocusedNotice } from "../feedback/FocusedNotice";

export function RecoveryCodes({ codes, close }: { codes: string[]; close: () => void }) {
  return (
    <>
      <FocusedNotice>
        Keep these recovery codes in a safe place. Each signs you in once if you lose your phone. They are not shown
        again.
      </FocusedNotice>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p className="actions">
        <a
          className="button"
          download="recovery-codes.txt"
          href={`data:text/plain,${encodeURIComponent(codes.join("\n"))}`}
        >
          Download
        </a>
        <button className="button quiet" type="button" onClick={close}>
          Done
        </button>
      </p>
    </>
  );
}
