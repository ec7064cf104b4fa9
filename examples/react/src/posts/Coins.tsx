/** A row of coins says it at a glance, but only while they can be counted at one. */
const FEW = 12;

export function Coins({ limit, remaining }: { limit: number; remaining: number }) {
  if (limit > FEW) return null;
  return (
    <span className="coins" aria-hidden="true">
      {Array.from({ length: limit }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a coin is nothing but its place
        <span key={place} className={place < remaining ? "kept" : undefined} />
      ))}
    </span>
  );
}
