interface Post {
  title: string;
  data: string;
  excerpt?: string;
  access?: "free" | "subscribers" | undefined;
}

/** A post that tries to run scripts in its readers' browsers. */
export const HOSTILE: Post = {
  title: "A post that would like to run scripts",
  data: [
    "Nothing here may run.",
    "<script>document.title = 'run'</script> <img src=x onerror=\"document.title = 'run'\">",
    "[a link](javascript:document.title='run')",
  ].join("\n\n"),
};

export const FERRIES: Post = {
  title: "The ferryman does not take cards",
  excerpt:
    "On the last crossing over the Lune a bell, a rope and an honest jar do the work of a booking system, and have done so since 1814.",
  data: `On the last crossing over the Lune there is no timetable. There is a bell, and there is a rope, and on the far bank there is a man called Aldous who hears the one and pulls the other. He has never sold a ticket. Beside the bell hangs a jar, and what goes into the jar is between you and the river.

## The jar

The jar has been counted every Sunday since 1814. In all those years it has come out short exactly twice: once in a flood, and once in the week of a wedding. *People pay for a crossing they have already had,* Aldous says, *because they can see the water they did not have to swim.*

> A gate asks before it opens. A jar asks after. Both are ways of saying that somebody mends the rope.

What the jar cannot do is tell the first crossing from the fifth. A stranger who comes once and a neighbour who comes daily look the same to a piece of glass, and so the neighbours keep a slate of their own, in chalk, under the eaves, where the rain cannot get at it.

## What it costs

- a new rope every second spring,
- tar, a great deal of it,
- and one man's afternoons.`,
};

const PLAIN: [title: string, excerpt: string, access?: Post["access"]][] = [
  ["On the honesty of milestones", "A stone that says nine miles has never once said eight to be kind."],
  ["The year the tolls were free", "For eleven months nobody paid, and in the twelfth nobody could get through."],
  [
    "Five ways round a gate, and where they lead",
    "Four of them lead back to the gate. The fifth is a field with a bull in it.",
  ],
  ["How to count carts in the dark", "Listen for the axle, not for the horse: one cart may have two of these."],
  ["The keeper's daughter and the night mail", "She could tell by the horn how much the driver owed from last week."],
  ["Coins that only one road would take", "They were made of lead, and worth exactly as much as the road was."],
  ["Who mends the bridge at Hallow", "Three parishes say that it is one of the other two.", "free"],
  [
    "A short history of the turnpike",
    "First came the pike, which did turn; the road came later, and did not.",
    "subscribers",
  ],
];

const MORE = "The rest is in the parish records, where anybody may look who asks for the key in time.";

const plain = PLAIN.map(
  ([title, excerpt, access]): Post => ({ title, excerpt, data: `${excerpt}\n\n${MORE}`, access }),
);

export const SHORT = plain[0] as Post;
export const FREE = plain.find(({ access }) => access === "free") as Post;
export const FOR_SUBSCRIBERS = plain.find(({ access }) => access === "subscribers") as Post;

export const POSTS: Post[] = [HOSTILE, ...plain.toReversed(), FERRIES];

/** A new server has this many posts. */
const SAMPLES = 3;

export const pathOf = (post: Post) => `/blog/${SAMPLES + POSTS.indexOf(post) + 1}`;
