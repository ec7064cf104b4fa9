import { useDeleteAccount } from "@tollgate/client/react";
import { useState } from "react";
import { PasswordDialog } from "../forms/PasswordDialog";
import { Section } from "../layout/Section";

export function DeleteAccount() {
  const { mutate, reset, isPending, error } = useDeleteAccount();
  const [isOpen, setIsOpen] = useState(false);
  const cancel = () => {
    reset();
    setIsOpen(false);
  };
  return (
    <Section
      title="Delete account"
      description="Deletes your account and everything stored about it. A paid subscription is not cancelled."
    >
      <p>
        <button className="button quiet" type="button" onClick={() => setIsOpen(true)}>
          Delete account…
        </button>
      </p>
      {isOpen && (
        <PasswordDialog
          title="Delete account?"
          submitLabel="Delete account"
          onPassword={(password) => mutate({ currentPassword: password })}
          onCancel={cancel}
          pending={isPending}
          error={error}
        >
          This cannot be undone. Enter your password to delete your account.
        </PasswordDialog>
      )}
    </Section>
  );
}
