import { useState } from "react";
import { Outlet, useLocation } from "react-router";
import { useSignOut } from "../session/useSignOut";
import { Arrival } from "./arrival";
import { Masthead } from "./Masthead";

export function Layout() {
  const [arrival] = useState(useLocation());
  const { signOut, leaving, error } = useSignOut();
  return (
    <Arrival value={arrival}>
      <Masthead signOut={signOut} error={error} />
      <main id="content" tabIndex={-1}>
        <Outlet context={leaving} />
      </main>
      <footer className="colophon label">An example of what stands behind tollgate.</footer>
    </Arrival>
  );
}
