import { Link } from "react-router";
import { Heading } from "../layout/Heading";

export function NotFoundPage() {
  return (
    <div className="post">
      <Heading title="There is nothing here" />
      <p>
        No page has this address, or it has one no more. <Link to="/">See all posts</Link>
      </p>
    </div>
  );
}
