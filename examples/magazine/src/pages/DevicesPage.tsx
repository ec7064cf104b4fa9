import { useSessions } from "@tollgate/client/react";
import { DeviceList } from "../devices/DeviceList";
import { LoadError } from "../feedback/LoadError";
import { Loading } from "../feedback/Loading";
import { Heading } from "../layout/Heading";

export function DevicesPage() {
  const devices = useSessions();
  return (
    <div className="page">
      <header>
        <Heading title="Devices" />
        <p>The devices where you are signed in. Sign out those that you do not recognize or no longer use.</p>
      </header>
      {devices.data && <DeviceList devices={devices.data} />}
      {!devices.data && devices.error && <LoadError error={devices.error} retry={() => devices.refetch()} />}
      {devices.isPending && <Loading what="devices" />}
    </div>
  );
}
