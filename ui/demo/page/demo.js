// Two widgets on one page, each for another person. A real site has one, and its server signs the token.
const conversation = "cargo-bike-3977";
const root = document.documentElement;
let chats = [];

function show(theme) {
  for (const chat of chats) chat.destroy();
  if (theme !== "auto") root.dataset.theme = theme;
  chats = ["jonas", "mira"].map(
    (user) => new Planga(document.getElementById(user), { conversation, theme, tokenUrl: `/demo/token?user=${user}` }),
  );
}

const wanted = new URLSearchParams(location.search).get("theme");
show(wanted === "light" || wanted === "dark" ? wanted : "auto");

document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  show(dark ? "light" : "dark");
});

document.getElementById("snippet").textContent =
  `<script src="${location.origin}/planga.js" data-conversation="${conversation}" data-token="…" async></script>`;
