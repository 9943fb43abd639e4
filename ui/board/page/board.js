// The board of incoming vehicles: signs in, keeps the tiles in their places, opens
// one patient, draws.

import { Coming } from "./coming.js";
import { write } from "./element.js";
import { Link } from "./link.js";
import { Sound } from "./sound.js";
import { Strip } from "./strip.js";
import { Tile } from "./tile.js";
import { View } from "./view.js";
import { clockTime, language, say } from "./words.js";

const REFRESH_MS = 250;

/** A vehicle that came for good stays named that long, then its place is free. */
const ENDED_STAYS_MS = 60_000;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const form = /** @type {HTMLFormElement} */ (part("sign-in"));
const board = part("board");
const place = part("place");

document.documentElement.lang = language;
document.title = `${say("title")} - Fieldkit`;
for (const e of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
  e.textContent = say(/** @type {import("./words.js").Key} */ (e.dataset.say));
}

/** @type {Tile[]} in the order in which the vehicles came; a tile keeps its place */
let tiles = [];

/** @type {View | null} the patient on screen, else the board is */
let view = null;

/** Since when no vehicle outside reaches this hospital's relay, ms; null while they do.
 * @type {number | null} */
let outsideSince = null;

const strip = new Strip(part("strip"));
const sound = new Sound();

const link = new Link({
  onOpen: () => waitForAll(),
  onRefused: () => signedOut(),
  onFrame: (handle, bytes) => of(handle)?.coming.hearFrame(bytes),
  onMessage: (m) => {
    switch (m.type) {
      case "hello":
        part("person").textContent = m.person;
        break;
      case "record":
        for (const t of tiles) if (t.coming.told.encounter === m.encounter) t.coming.chart.soon();
        if (view && view.coming.told.encounter === m.encounter) view.reader.soon();
        refresh();
        break;
      case "outside":
        outsideSince = m.reached ? null : m.since;
        refresh();
        break;
      case "tile":
        begin(m);
        break;
      case "link":
        of(m.tile)?.coming.hearLink(m);
        break;
      case "end":
        of(m.tile)?.coming.end(m.why, link.now());
        refresh();
        break;
    }
  },
});

/** The tile that stands for the gateway's handle.
 * @param {number} handle */
const of = (handle) => tiles.find((t) => t.coming.told.tile === handle && !t.coming.over);

/** After a reconnect the gateway tells everything anew; what it does not tell again
 * stays named as awaited. */
function waitForAll() {
  outsideSince = null;
  for (const t of tiles) if (!t.coming.over) t.coming.end("closing", link.now());
}

/** @param {import("./coming.js").Told} told */
function begin(told) {
  const coming = new Coming(told, link, () => refresh());
  /** @type {Tile} */
  const tile = new Tile(coming, { open: () => open(coming), dismiss: () => dismiss(tile) });
  const at = tiles.findIndex((t) => t.coming.over && t.coming.told.vehicle === told.vehicle);
  if (at < 0) {
    tiles.push(tile);
    board.append(tile.root);
  } else {
    const before = tiles[at];
    if (before.coming.told.encounter === told.encounter) {
      coming.response.done = before.coming.response.done;
      coming.draft = before.coming.draft;
      coming.strip = before.coming.strip;
      coming.opened = before.coming.opened;
    }
    before.root.replaceWith(tile.root);
    tiles[at] = tile;
    if (view?.coming === before.coming) {
      if (before.coming.told.encounter === told.encounter) open(coming, view.tab);
      else close();
    }
  }
  link.say({ type: "watch", tile: told.tile });
  refresh();
}

/** @param {Tile} tile */
function dismiss(tile) {
  tile.root.remove();
  tiles = tiles.filter((t) => t !== tile);
  if (view?.coming === tile.coming) close();
  refresh();
}

/** @param {Coming} coming
 * @param {import("./view.js").Tab} [tab] */
function open(coming, tab) {
  view = new View(coming, close, () => refresh());
  if (tab) view.show(tab);
  const writing = document.activeElement instanceof HTMLTextAreaElement;
  place.replaceChildren(view.root);
  document.body.classList.add("viewing");
  refresh();
  if (writing) view.chat.field.focus();
  else view.back.focus();
}

function close() {
  const was = view?.coming;
  view = null;
  place.replaceChildren();
  document.body.classList.remove("viewing");
  refresh();
  tiles.find((t) => t.coming === was)?.root.focus();
}

function signedIn() {
  form.hidden = true;
  document.body.classList.add("in");
  link.open();
}

function signedOut() {
  for (const t of tiles) t.root.remove();
  tiles = [];
  close();
  document.body.classList.remove("in");
  form.hidden = false;
  /** @type {HTMLInputElement | null} */ (form.querySelector("input[name=name]"))?.focus();
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const fields = new FormData(form);
  const problem = part("problem");
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

part("leave").addEventListener("click", async () => {
  await fetch("/sign-out", { method: "POST" }).catch(() => null);
  location.reload();
});

// Light and size are this screen's own, and stay when the page is opened again.
for (const [id, name] of /** @type {const} */ ([["day", "day"], ["wall", "wall"]])) {
  const key = part(id);
  const set = (/** @type {boolean} */ on) => {
    document.documentElement.classList.toggle(name, on);
    key.setAttribute("aria-pressed", String(on));
    localStorage.setItem(`fieldkit-${name}`, on ? "1" : "");
    for (const t of [...tiles, ...(view ? [view] : [])]) t.traces.spoil();
  };
  set(localStorage.getItem(`fieldkit-${name}`) === "1");
  key.addEventListener("click", () => set(!document.documentElement.classList.contains(name)));
}

part("sound").addEventListener("click", async () => {
  await sound.toggle();
  refresh();
});

document.addEventListener("keydown", (e) => {
  const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement;
  if (e.key === "Escape" && typing) /** @type {HTMLElement} */ (e.target).blur();
  else if (e.key === "Escape" && view) close();
  if (typing || e.ctrlKey || e.altKey || e.metaKey) return;
  if (/^[1-9]$/.test(e.key)) {
    const tile = tiles[Number(e.key) - 1];
    if (tile && !tile.coming.over) open(tile.coming);
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (step && !view && tiles.length > 0) {
    const at = tiles.findIndex((t) => t.root === document.activeElement);
    tiles[(at + step + tiles.length) % tiles.length].root.focus();
    e.preventDefault();
  }
});

function draw() {
  const now = link.now();
  if (view) view.draw(now);
  else for (const t of tiles) t.draw(now);
  requestAnimationFrame(draw);
}

function refresh() {
  link.watchClock();
  const now = link.now();
  const silent = link.silent();
  for (const t of tiles) {
    if (t.coming.over && !t.coming.expected && now - t.coming.overAt > ENDED_STAYS_MS) dismiss(t);
  }
  part("clock").textContent = clockTime(now);
  part("sound").textContent = say(sound.on ? "soundOn" : "soundOff");
  part("sound").setAttribute("aria-pressed", String(sound.on));
  part("count").textContent = tiles.length > 0 ? String(tiles.filter((t) => !t.coming.over).length) : "";
  part("nobody").hidden = tiles.length > 0;
  part("cut").hidden = silent < 3000 || !document.body.classList.contains("in");
  part("outside").hidden = outsideSince === null || !document.body.classList.contains("in");
  write(part("outside"), outsideSince === null ? "" : say("relayCut", clockTime(outsideSince)));
  for (const t of tiles) {
    const c = t.coming;
    c.watchSilence(silent, now);
    if (!c.over) void c.chart.keep(performance.now());
    if (!view) t.refresh(now, silent);
  }
  view?.refresh(now, silent);
  sound.keep(strip.refresh(tiles.map((t) => t.coming), silent, (c) => open(c)), performance.now());
}

requestAnimationFrame(draw);
setInterval(refresh, REFRESH_MS);

fetch("/session").then((a) => (a.ok ? signedIn() : signedOut()), signedOut);

// For tests, and for people who look into the console.
Object.assign(window, {
  fieldkit: {
    shown: () => {
      const first = tiles[0];
      return first && !first.coming.over ? first.shown() : { numbers: {}, silent: first !== undefined, drawn: 0, missing: 0, late: 0 };
    },
  },
});
