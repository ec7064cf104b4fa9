/** What confirms a request if the session is not fresh (`fresh_login_required`). */
export interface Confirmation {
  currentPassword?: string | undefined;
  /** The code that `account.requestConfirmation` has mailed, for users without a password. */
  confirmationCode?: string | undefined;
}

export function confirmed({ currentPassword, confirmationCode }: Confirmation = {}) {
  return {
    ...(currentPassword !== undefined && { current_password: currentPassword }),
    ...(confirmationCode !== undefined && { confirmation_code: confirmationCode }),
  };
}

/** For the paths that call it `password`. */
export function confirmedByPassword(confirmation: Confirmation = {}) {
  const { current_password: password, ...code } = confirmed(confirmation);
  return { ...(password !== undefined && { password }), ...code };
}
