import { useState } from "react";
import { duration, time } from "../format";

export function RetryTime({ seconds }: { seconds: number }) {
  const [at] = useState(() => new Date(Date.now() + seconds * 1000));
  return (
    <>
      {" "}
      Try again in {duration(seconds)}, at <time dateTime={at.toISOString()}>{time(at)}</time>.
    </>
  );
}
