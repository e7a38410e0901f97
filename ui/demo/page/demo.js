// Two widgets on one page, each for another person. A real site has one, and its server signs the token.
const conversation = "cargo-bike-3977";
for (const user of ["jonas", "mira"]) {
  new Planga(document.getElementById(user), { conversation, tokenUrl: `/demo/token?user=${user}` });
}

const root = document.documentElement;
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
const wanted = new URLSearchParams(location.search).get("theme");
if (wanted === "light" || wanted === "dark") root.dataset.theme = wanted;

document.getElementById("snippet").textContent =
  `<script src="${location.origin}/planga.js" data-conversation="${conversation}" data-token="…" async></script>`;
