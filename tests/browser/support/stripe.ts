import { createHmac, randomUUID } from "node:crypto";

export const STRIPE_WEBHOOK_SECRET = "whsec_of_the_tests";

/** Sends the event that Stripe sends after a payment. */
export async function pay(api: string, userId: number): Promise<void> {
  await checkOut(api, {
    client_reference_id: String(userId),
    customer: `cus_${userId}`,
    subscription: `sub_${userId}`,
    payment_status: "paid",
  });
}

/** The same for a payment that says whose it is not. */
export async function payForNobody(api: string, id: string, email: string): Promise<void> {
  await checkOut(api, {
    id,
    customer: `cus_${id}`,
    subscription: `sub_${id}`,
    payment_status: "paid",
    amount_total: 500,
    currency: "eur",
    customer_details: { email },
  });
}

async function checkOut(api: string, session: object): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const event = {
    id: `evt_${randomUUID()}`,
    type: "checkout.session.completed",
    created: now,
    data: { object: session },
  };
  const body = JSON.stringify(event);
  const signature = createHmac("sha256", STRIPE_WEBHOOK_SECRET).update(`${now}.${body}`).digest("hex");
  const headers = { "Stripe-Signature": `t=${now},v1=${signature}` };
  const answer = await fetch(`${api}/webhooks/stripe`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`the event was refused: ${answer.status}`);
}
