export function StaySignedIn() {
  return (
    <div className="box">
      <input id="stay" type="checkbox" name="stay_signed_in" aria-describedby="stay-hint" />
      <label htmlFor="stay">Stay signed in</label>
      <p className="hint" id="stay-hint">
        Also when the browser is closed. Not for a device that others use.
      </p>
    </div>
  );
}
