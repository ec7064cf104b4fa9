import { createServerClient } from "@tollgate/client/server";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { ESSAYS } from "../essays";

export default async function EssayPage({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const essay = ESSAYS[slug];
  if (!essay) notFound();
  const request = await headers();
  const readsLeft = request.get("x-essay-reads-left");
  return (
    <article>
      <h1>{essay.title}</h1>
      <p>{essay.excerpt}</p>
      {request.get("x-essay-access") === "full" ? (
        <>
          <p>{essay.text}</p>
          {readsLeft && <p className="meter">{readsLeft} free reads left</p>}
        </>
      ) : (
        <Paywall reason={request.get("x-essay-reason")} next={`/essays/${slug}`} headers={request} />
      )}
    </article>
  );
}

async function Paywall({ reason, next, headers }: { reason: string | null; next: string; headers: Headers }) {
  if (reason === "login_required") {
    return (
      <p className="wall">
        <a href={`/login?next=${encodeURIComponent(next)}`}>Sign in to read on</a>
      </p>
    );
  }
  if (reason !== "payment_required") return <p className="wall">This essay cannot be shown now.</p>;
  const { tollgate } = createServerClient({ baseUrl: process.env.TOLLGATE ?? "http://127.0.0.1:8080", headers });
  const { checkout_url } = await tollgate.meter();
  return <p className="wall">Your free reads are used up. {checkout_url && <a href={checkout_url}>Subscribe to read on</a>}</p>;
}
