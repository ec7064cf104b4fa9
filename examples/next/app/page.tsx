import { ESSAYS } from "./essays/essays";

export default function Home() {
  return (
    <>
      <h1>Essays</h1>
      <ul>
        {Object.entries(ESSAYS).map(([slug, essay]) => (
          <li key={slug}>
            {/* Not <Link>: what it loads ahead would cost a read, because Next.js removes the headers that tell a prefetch. */}
            <a href={`/essays/${slug}`}>{essay.title}</a>
            <p>{essay.excerpt}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
