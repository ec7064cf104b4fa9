import { Link } from "react-router";
import { Heading } from "../layout/Heading";

export function NotFoundPage() {
  return (
    <div className="post">
      <Heading title="Page not found" />
      <p>
        There is no page at this address. <Link to="/">See all posts</Link>
      </p>
    </div>
  );
}
