import type { Device } from "@tollgate/client";
import { useEffect, useRef } from "react";
import { Problem } from "../feedback/Problem";
import { DeviceEntry } from "./DeviceEntry";
import { PasswordDialog } from "./PasswordDialog";
import { useSignOutElsewhere } from "./useSignOutElsewhere";

export function DeviceList({ devices }: { devices: Device[] }) {
  const { signOut, cancel, asking, done, error, pending } = useSignOutElsewhere();
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // The button that was pressed is gone with its device.
    if (done !== null) notice.current?.focus();
  }, [done]);

  return (
    <>
      {done !== null && (
        <p className="notice" role="status" tabIndex={-1} ref={notice}>
          {done}
        </p>
      )}
      <Problem error={asking ? null : error} />
      <ul className="devices">
        {devices.map((device) => (
          <DeviceEntry key={device.id} device={device} signOut={() => signOut(device)} />
        ))}
      </ul>
      {devices.length > 1 && (
        <p>
          <button className="button quiet" type="button" aria-disabled={pending} onClick={() => signOut("others")}>
            Sign out everywhere else
          </button>
        </p>
      )}
      {asking && (
        <PasswordDialog
          submit={asking === "others" ? "Sign out everywhere else" : "Sign out there"}
          onPassword={(password) => signOut(asking, password)}
          onCancel={cancel}
          pending={pending}
          error={error}
        />
      )}
    </>
  );
}
