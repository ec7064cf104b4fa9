import { type ReactNode, useEffect, useRef } from "react";

/** Replaces the button or form that had the focus, so it receives the focus. */
export function FocusedNotice({ children }: { children: ReactNode }) {
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => notice.current?.focus(), []);
  return (
    <p className="notice" role="status" tabIndex={-1} ref={notice}>
      {children}
    </p>
  );
}
