import { type ReactNode, useId } from "react";

/** Has its heading and description beside its content if there is room. */
export function Section({
  title,
  description,
  children,
}: {
  title: string;
  description?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {description && <p className="label">{description}</p>}
      </header>
      <div>{children}</div>
    </section>
  );
}
