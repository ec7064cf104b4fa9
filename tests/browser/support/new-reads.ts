/** The day on which a reader whose first read was a moment ago gets new reads. Around midnight it is one of two. */
export function dayOfNewReads(dateStyle: "medium" | "long"): string {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle });
  const days = [Date.now() - 60_000, Date.now()].map((read) => format.format(read + 30 * 86_400_000));
  return `(${days.join("|")})`;
}
