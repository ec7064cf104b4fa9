import "./style.css";
import type { ReactNode } from "react";

export const metadata = { title: "The Turnpike" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <header>
          <a href="/">The Turnpike</a> <a href="/account">Account</a>
        </header>
        <main>{children}</main>
      </body>
    </html>
  );
}
