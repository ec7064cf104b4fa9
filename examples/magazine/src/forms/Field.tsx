import { type ComponentProps, useContext, useId } from "react";
import { FormErrors } from "./errors";

interface FieldProps extends Omit<ComponentProps<"input">, "id"> {
  name: string;
  label: string;
  hint?: string;
}

export function Field({ name, label, hint, ...input }: FieldProps) {
  const id = useId();
  const error = useContext(FormErrors)[name];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        name={name}
        aria-invalid={error !== undefined}
        aria-describedby={error !== undefined ? `${id}-error` : hint && `${id}-hint`}
      />
      {error !== undefined ? (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        hint && (
          <p className="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}
