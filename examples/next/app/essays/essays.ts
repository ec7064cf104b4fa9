export interface Essay {
  title: string;
  /** For everyone, including search engines. */
  excerpt: string;
  text: string;
}

/** Yours come from files or a content management system. */
export const ESSAYS: Record<string, Essay> = {
  roads: {
    title: "Who pays for a road",
    excerpt: "A road wants mending, and the stones cost money.",
    text: "The turnpike trusts asked those who used the road, a little each time, and hung a board with the prices at the gate.",
  },
  bridges: {
    title: "A penny for the bridge",
    excerpt: "The ferryman was cheaper, when he was awake.",
    text: "The bridge was there at night as well, and in winter. After a year the ferry was forgotten, and where it had landed.",
  },
  milestones: {
    title: "Milestones",
    excerpt: "Every mile, a stone says how far it is to London.",
    text: "They were a duty of the trusts, which had to measure their roads, and so the country was measured along with them.",
  },
};
