import type { MouseEvent } from "react";

export function SkipLink() {
  // Following the link would be a navigation, after which the heading is focused.
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById("content")?.focus();
  };
  return (
    // biome-ignore lint/a11y/useValidAnchor: it goes to the content, only by other means
    <a className="skip button" href="#content" onClick={skip}>
      Skip to the content
    </a>
  );
}
