import { useLogout, useSession } from "@tollgate/client/react";
import { Link, NavLink } from "react-router";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { SkipLink } from "./SkipLink";

export function Masthead() {
  const { data: user } = useSession();
  const logout = useLogout();
  return (
    <header className="masthead">
      <SkipLink />
      <div className="bar">
        <Link className="brand" to="/">
          <img src="/favicon.svg" alt="" />
          The Toll Gate
        </Link>
        {user && <Menu signOut={() => logout.mutate()} />}
      </div>
      <ErrorMessage error={user ? logout.error : null} />
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
