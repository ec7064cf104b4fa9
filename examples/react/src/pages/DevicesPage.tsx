import { useDevices } from "@tollgate/client/react";
import { DeviceList } from "../devices/DeviceList";
import { Failure } from "../feedback/Failure";
import { Waiting } from "../feedback/Waiting";
import { Heading } from "../layout/Heading";

export function DevicesPage() {
  const devices = useDevices();
  return (
    <div className="sheet">
      <header>
        <Heading title="Devices" />
        <p>Where you are signed in. Sign out there whatever you do not know or do not use any more.</p>
      </header>
      {devices.data && <DeviceList devices={devices.data} />}
      {!devices.data && devices.error && <Failure error={devices.error} retry={() => devices.refetch()} />}
      {devices.isPending && <Waiting>Fetching the devices…</Waiting>}
    </div>
  );
}
