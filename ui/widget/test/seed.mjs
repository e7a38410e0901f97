// Conversations to look at.
const mira = { id: "u-mira", name: "Mira Okafor", role: "" };
const jonas = { id: "u-jonas", name: "Jonas Lind", role: "" };
const sana = { id: "u-sana", name: "Sana Kaya", role: "moderator" };
const tom = { id: "u-tom", name: "Tom B.", role: "" };

const day = 86_400_000;

const kinds = {
  bike: [
    [jonas, 26 * 3_600_000, "Hello Mira, is the cargo bike still for sale? Does the rain cover come with it?"],
    [mira, 26 * 3_600_000 - 240_000, "Hi Jonas, yes, it is."],
    [mira, 26 * 3_600_000 - 250_000, "The battery was replaced in March. I kept the receipt: https://wheelhouse.example/receipts/504."],
    [jonas, 25 * 3_600_000, "Wrong chat, sorry", { deleted_at: "2026-11-22T17:40:00Z" }],
    [jonas, 25 * 3_600_000 - 10_000, "Lovely. Could I see it on Saturday, with my daughter? She is the one who will sit in it.", { edited_at: "2026-11-22T17:41:00Z" }],
    [mira, 3_900_000, "Saturday at 10:00 suits me. The workshop is easy to find:"],
    [mira, 3_890_000, "https://wheelhouse.example/dockside", { reactions: { "👍": ["u-jonas", "u-mira"], "❤️": ["u-mira"] } }],
    [jonas, 3_700_000, "Perfect, gate B at ten."],
  ],
  market: [
    [tom, 7_200_000, "Skip the site, pay me on this account and I make it 1,900.", { hidden: true }],
    [sana, 7_000_000, "Please keep payments on Wheelhouse. It is the only way we can help if something goes wrong."],
    [mira, 6_900_000, "Mira Okafor added Sana Kaya to the conversation", { kind: "system" }],
    [tom, 400_000, "Fine."],
    [jonas, 300_000, "🎉"],
    [jonas, 290_000, "See (https://en.wikipedia.org/wiki/Planga_(disambiguation)) and www.example.com/a?b=c&d, javascript:alert(1) <script>alert(2)</script>"],
  ],
  arabic: [
    [mira, 900_000, "السبت الساعة 10:00 يناسبني. العنوان: https://wheelhouse.example/dockside"],
    [jonas, 800_000, "نعم، وهو بحالة جيدة."],
    [mira, 700_000, "See you there, gate B."],
  ],
  long: Array.from({ length: 400 }, (_, i) => [i % 3 ? mira : jonas, 400 * 900_000 - i * 900_000, `Message number ${i + 1}. ${"It goes on for a while. ".repeat(i % 5)}`]),
  worst: [
    [{ id: "u-x", name: "Wolfeschlegelsteinhausenbergerdorff-Ankerbootsmannsmützenfabrik the Third of Rotterdam", role: "moderator" }, 500_000, "a".repeat(300)],
    [mira, 400_000, "word ".repeat(300)],
    [jonas, 300_000, `Z${"\u0351\u0322\u0318".repeat(40)}algo \u202e reversed \u202c and a line\n\n\nbreak`],
  ],
  empty: [],
};

/** Fills a room: everybody is a member, and Jonas has read all but the last message of somebody else. */
export function seed(room, kind, unread) {
  const now = Date.now();
  room.messages = kinds[kind].map(([author, ago, body, extra = {}], i) => ({
    id: `m${i + 1}`, seq: i + 1, rev: i + 1, client_id: `seed${i}`, author, kind: "text", body, sent_at: new Date(now - ago).toISOString(), ...extra,
  }));
  room.rev = room.messages.length;
  const authors = kind === "market" ? [mira, jonas, sana, tom] : [mira, jonas];
  for (const user of authors) room.people.set(user.id, { user, role: user.role, banned_until: null, read_seq: room.rev, last_seen: new Date(now - day / 3).toISOString() });
  if (kind === "bike") room.people.get("u-jonas").read_seq = 5;
  if (unread) room.people.get("u-jonas").read_seq = room.rev - unread;
}
