import { useContext, useEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";
import { Arrival } from "./arrival";

/** A page's h1. It names the page in the browser's tab too, and is where reading aloud goes on after a navigation. */
export function Heading({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const location = useLocation();
  const navigation = useNavigationType();
  const arrival = useContext(Arrival);

  useEffect(() => {
    document.title = `${title} · The Toll Gate`;
  }, [title]);

  useEffect(() => {
    // Where one arrives, and how far one had scrolled when going back, the browser knows better.
    if (location === arrival) return;
    if (navigation !== "POP") window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [location, navigation, arrival]);

  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}
