import { useEffect, useRef } from "react";
import { Field } from "../forms/Field";
import { type CodeMethod, METHODS } from "./methods";

/** Takes the focus from the heading, because the code is the only thing to type. */
export function CodeField({ method }: { method: CodeMethod }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return <Field ref={input} name="code" {...METHODS[method].field} maxLength={40} required />;
}
