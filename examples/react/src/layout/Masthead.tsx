import type { TollgateError } from "@tollgate/client";
import { useSession } from "@tollgate/client/react";
import { Link, NavLink } from "react-router";
import { Problem } from "../feedback/Problem";
import { SkipLink } from "./SkipLink";

interface MastheadProps {
  signOut: () => void;
  error: TollgateError | null;
}

export function Masthead({ signOut, error }: MastheadProps) {
  const { data: user } = useSession();
  return (
    <header className="masthead">
      <SkipLink />
      <div className="bar">
        <Link className="brand" to="/">
          <img src="/favicon.svg" alt="" />
          The Toll Gate
        </Link>
        {user && <Menu signOut={signOut} />}
      </div>
      <Problem error={error} />
    </header>
  );
}

function Menu({ signOut }: { signOut: () => void }) {
  return (
    <nav aria-label="Main">
      <ul className="menu">
        <li>
          <NavLink to="/" end>
            Posts
          </NavLink>
        </li>
        <li>
          <NavLink to="/devices">Devices</NavLink>
        </li>
        <li>
          <NavLink to="/account">Account</NavLink>
        </li>
        <li>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </li>
      </ul>
    </nav>
  );
}
