/** What the sign-in form says if the server sends the browser back with an `error`. */
const TEXTS: Record<string, string> = {
  access_denied: "You have not allowed the sign-in. Try again, or sign in another way.",
  account_disabled: "This account is disabled.",
  login_expired: "This sign-in took too long, or was started in another window. Try again.",
  provider_error: "The provider could not confirm who you are. Try again, or sign in another way.",
  provider_unavailable: "The provider cannot be reached. Try again later, or sign in another way.",
  registration_closed: "You have no account here, and registration is closed.",
  sign_in_to_link: "There is an account with this email address already. Sign in to it within 10 minutes to link it.",
  too_many_requests: "Too many attempts. Wait a few minutes and try again.",
};

/** Undefined for any other code: what the form says must not come from a link. */
export function providerError(search: string): string | undefined {
  const code = new URLSearchParams(search).get("error") ?? "";
  return Object.hasOwn(TEXTS, code) ? TEXTS[code] : undefined;
}

/** Whether the user comes back from a provider, and the second factor is still to come. */
export function needsSecondFactor(search: string): boolean {
  return new URLSearchParams(search).get("error") === "second_factor_required";
}
