import { type RefObject, useLayoutEffect } from "react";

/** One more than the drop cap is high, so that the text flows below it. */
const MIN_LINES = 4;

/** Gives the first paragraph a drop cap as long as it is tall enough for one, which depends on the width of the window. */
export function useDropCap(prose: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const paragraph = prose.current?.firstElementChild;
    if (!(paragraph instanceof HTMLParagraphElement)) return;
    const update = () => {
      const lines = paragraph.clientHeight / Number.parseFloat(getComputedStyle(paragraph).lineHeight);
      paragraph.classList.toggle("drop-cap", Math.round(lines) >= MIN_LINES);
    };
    update();
    const observer = new ResizeObserver(update);
    observer.observe(paragraph);
    return () => observer.disconnect();
  }, [prose]);
}
