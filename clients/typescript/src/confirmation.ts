import type { Confirmation } from "./types.js";

/** What a request has that needs a fresh session or a confirmation. */
export function currentPassword(confirmation: Confirmation | undefined): { current_password?: string; confirmation_code?: string } {
  if (confirmation === undefined) return {};
  return typeof confirmation === "string" ? { current_password: confirmation } : confirmationCode(confirmation);
}

export function confirmationCode({ code }: { code: string }): { confirmation_code: string } {
  return { confirmation_code: code };
}
