// The board of incoming vehicles: signs in, keeps the tiles, draws.

import { Link } from "./link.js";
import { Tile } from "./tile.js";
import { language, say } from "./words.js";

const REFRESH_MS = 250;

const form = /** @type {HTMLFormElement} */ (document.getElementById("sign-in"));
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const nobody = /** @type {HTMLElement} */ (document.getElementById("nobody"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const clock = /** @type {HTMLElement} */ (document.getElementById("clock"));
const person = /** @type {HTMLElement} */ (document.getElementById("person"));
const leave = /** @type {HTMLButtonElement} */ (document.getElementById("leave"));

document.documentElement.lang = language;
for (const e of document.querySelectorAll("[data-say]")) {
  e.textContent = say(/** @type {any} */ (/** @type {HTMLElement} */ (e).dataset.say));
}

/** @type {Map<number, Tile>} by the gateway's handle; a tile keeps its place */
const tiles = new Map();

const link = new Link({
  onOpen: () => clear(),
  onRefused: () => signedOut(),
  onFrame: (handle, bytes) => tiles.get(handle)?.hearFrame(bytes),
  onMessage: (m) => {
    switch (m.type) {
      case "hello":
        person.textContent = m.person;
        break;
      case "tile": {
        const tile = new Tile(m);
        tiles.set(m.tile, tile);
        if (tile.root) board.append(tile.root);
        link.say({ type: "watch", tile: m.tile });
        break;
      }
      case "link":
        tiles.get(m.tile)?.hearLink(m);
        break;
      case "end":
        tiles.get(m.tile)?.root?.remove();
        tiles.delete(m.tile);
        break;
    }
    nobody.hidden = tiles.size > 0;
  },
});

/** After a reconnect the gateway tells everything anew. */
function clear() {
  for (const t of tiles.values()) t.root?.remove();
  tiles.clear();
}

function signedIn() {
  form.hidden = true;
  document.body.classList.add("in");
  link.open();
}

function signedOut() {
  clear();
  document.body.classList.remove("in");
  form.hidden = false;
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const fields = new FormData(form);
  problem.textContent = "";
  const answer = await fetch("/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: fields.get("name"), secret: fields.get("secret") }),
  }).catch(() => null);
  if (answer?.ok) {
    form.reset();
    signedIn();
    return;
  }
  problem.textContent = say(answer?.status === 401 ? "refused" : answer?.status === 429 ? "slow" : "noAnswer");
});

leave.addEventListener("click", async () => {
  await fetch("/sign-out", { method: "POST" }).catch(() => null);
  location.reload();
});

function draw() {
  const now = link.now();
  for (const t of tiles.values()) t.draw(now);
  requestAnimationFrame(draw);
}

function refresh() {
  const now = link.now();
  clock.textContent = new Date(now).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  for (const t of tiles.values()) t.refresh(now, link.silent());
}

requestAnimationFrame(draw);
setInterval(refresh, REFRESH_MS);

fetch("/session").then((a) => (a.ok ? signedIn() : signedOut()), signedOut);

// For tests, and for people who look into the console.
Object.assign(window, {
  fieldkit: {
    shown: () => [...tiles.values()][0]?.shown() ?? { numbers: {}, silent: false, drawn: 0, missing: 0 },
  },
});
