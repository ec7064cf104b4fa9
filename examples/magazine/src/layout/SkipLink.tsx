import type { MouseEvent } from "react";

export function SkipLink() {
  // Following the link would be a navigation, which focuses the heading.
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById("content")?.focus();
  };
  return (
    // biome-ignore lint/a11y/useValidAnchor: it does go to the content, by moving the focus
    <a className="skip button" href="#content" onClick={skip}>
      Skip to content
    </a>
  );
}
