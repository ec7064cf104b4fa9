import type { Session } from "@tollgate/client";
import { dateTime } from "../format";

export function DeviceListItem({ device, signOut }: { device: Session; signOut: () => void }) {
  return (
    <li>
      <div>
        <h2>
          {device.device}
          {device.current && <span className="badge">This device</span>}
          {device.trusted_browser && <span className="badge">Trusted</span>}
        </h2>
        <p className="label">
          {device.ip ?? "Unknown address"} · signed in{" "}
          <time dateTime={device.created_at}>{dateTime(device.created_at)}</time> · last seen{" "}
          <time dateTime={device.last_seen_at}>{dateTime(device.last_seen_at)}</time>
        </p>
      </div>
      {!device.current && (
        <button className="button quiet small" type="button" aria-label={`Sign out ${device.device}`} onClick={signOut}>
          Sign out
        </button>
      )}
    </li>
  );
}
