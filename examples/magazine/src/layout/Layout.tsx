import { useState } from "react";
import { Outlet, useLocation } from "react-router";
import { InitialLocation } from "./initial-location";
import { Masthead } from "./Masthead";

export function Layout() {
  const [initialLocation] = useState(useLocation());
  return (
    <InitialLocation value={initialLocation}>
      <Masthead />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="colophon label">An example app for tollgate.</footer>
    </InitialLocation>
  );
}
