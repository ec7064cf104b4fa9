import { useContext, useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";
import { InitialLocation } from "./initial-location";

/** The page's h1. It also sets the title of the browser tab, and receives the focus after a navigation. */
export function Heading({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const location = useLocation();
  const navigation = useNavigationType();
  const initialLocation = useContext(InitialLocation);

  useEffect(() => {
    document.title = `${title} · The Toll Gate`;
  }, [title]);

  // A layout effect, because once the page is shown, its user may have put the focus into a field.
  useLayoutEffect(() => {
    // On page load the browser sets the focus, and on going back it restores the scroll position.
    if (location === initialLocation) return;
    if (navigation !== "POP") window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [location, navigation, initialLocation]);

  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}
