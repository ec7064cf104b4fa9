export function TrustBrowser() {
  return (
    <div className="checkbox">
      <input id="trust" type="checkbox" name="trustBrowser" aria-describedby="trust-hint" />
      <label htmlFor="trust">Trust this browser</label>
      <p className="hint" id="trust-hint">
        Signing in needs no second factor here for 30 days. Not for shared devices.
      </p>
    </div>
  );
}
