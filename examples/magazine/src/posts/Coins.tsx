/** With more reads, the coins could not be counted at a glance. */
const MAX_COINS = 12;

/** One coin for each read, filled while it is left. */
export function Coins({ limit, remaining }: { limit: number; remaining: number }) {
  if (limit > MAX_COINS) return null;
  return (
    <span className="coins" aria-hidden="true">
      {Array.from({ length: limit }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: coins differ only by their position
        <span key={index} className={index < remaining ? "filled" : undefined} />
      ))}
    </span>
  );
}
