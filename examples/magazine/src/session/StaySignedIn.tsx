import type { Ref } from "react";

export function StaySignedIn({ ref }: { ref?: Ref<HTMLInputElement> }) {
  return (
    <div className="checkbox">
      <input ref={ref} id="stay" type="checkbox" name="staySignedIn" aria-describedby="stay-hint" />
      <label htmlFor="stay">Stay signed in</label>
      <p className="hint" id="stay-hint">
        Keeps you signed in after you close the browser. Not for shared devices.
      </p>
    </div>
  );
}
