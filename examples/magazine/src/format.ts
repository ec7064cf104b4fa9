// The app is in English, so its dates are too, regardless of the browser's language.
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
const minute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const date = (at: string | Date) => day.format(new Date(at));
export const dateTime = (at: string | Date) => minute.format(new Date(at));
export const time = (at: Date) => clock.format(at);

export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Rounded up, so that a retry after this time is not refused again. */
export function duration(seconds: number): string {
  if (seconds < 100) return count(seconds, "second");
  if (seconds < 6000) return count(Math.ceil(seconds / 60), "minute");
  return count(Math.ceil(seconds / 3600), "hour");
}

/** The server's error messages are neither capitalized nor punctuated. */
export const sentence = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
