import type { Session } from "@tollgate/client";
import { useEffect, useRef } from "react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { PasswordDialog } from "../forms/PasswordDialog";
import { DeviceListItem } from "./DeviceListItem";
import { useRevokeDevices } from "./useRevokeDevices";

export function DeviceList({ devices }: { devices: Session[] }) {
  const { revoke, cancel, unconfirmed, success, error, pending } = useRevokeDevices();
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // The button that had the focus has disappeared with its device.
    if (success !== null) notice.current?.focus();
  }, [success]);

  return (
    <>
      {success !== null && (
        <p className="notice" role="status" tabIndex={-1} ref={notice}>
          {success}
        </p>
      )}
      <ErrorMessage error={unconfirmed ? null : error} />
      <ul className="devices">
        {devices.map((device) => (
          <DeviceListItem key={device.id} device={device} signOut={() => revoke(device)} />
        ))}
      </ul>
      {devices.length > 1 && (
        <p>
          <button className="button quiet" type="button" aria-disabled={pending} onClick={() => revoke("others")}>
            Sign out all other devices
          </button>
        </p>
      )}
      {unconfirmed && (
        <PasswordDialog
          title="Confirm your password"
          submitLabel={unconfirmed === "others" ? "Sign out all other devices" : "Sign out device"}
          onPassword={(password) => revoke(unconfirmed, password)}
          onCancel={cancel}
          pending={pending}
          error={error}
        >
          You signed in a while ago. Enter your password to continue.
        </PasswordDialog>
      )}
    </>
  );
}
