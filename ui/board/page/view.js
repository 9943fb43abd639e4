// The patient view: up to four traces, all numbers with the lowest and highest that
// this page saw, what happened, and what this hospital answers.

import { answers, newsWords } from "./chart.js";
import { button, element, holdButton, write } from "./element.js";
import { AlarmList, Cover, GLYPHS, Heading } from "./heading.js";
import { Numbers, rowsOf } from "./numbers.js";
import { TEAMS } from "./response.js";
import { Traces } from "./traces.js";
import { clockTime, say, sayOf } from "./words.js";

const TRACES = 4;

/** Bays offered by one touch; any other is typed. */
const BAYS = ["R1", "R2", "R3", "1", "2", "3", "4", "5", "6"];

const REASONS = /** @type {const} */ (["noBed", "noScanner", "noTeam", "unsafeHere"]);

export class View {
  /** @param {import("./coming.js").Coming} coming @param {() => void} back */
  constructor(coming, back) {
    this.coming = coming;
    this.root = element("section", `view${coming.told.demo ? " training" : ""}`);
    this.root.setAttribute("aria-label", coming.told.callSign || coming.told.enrolled);
    this.heading = new Heading(coming, "h2");
    this.alarms = new AlarmList();
    this.traces = new Traces(TRACES);
    this.numbers = new Numbers({ seen: true });
    this.cover = new Cover();
    this.since = element("p", "since quiet");
    this.events = element("ol", "events");
    this.eventsChange = -1;
    this.back = button("back", say("back"), back);
    const bar = element("div", "view-bar");
    bar.append(this.back, this.heading.root);
    const body = element("div", "view-body");
    const left = element("div", "view-left");
    const happened = element("section", "happened");
    happened.append(element("h3", "", say("events")), this.events);
    left.append(this.traces.root, happened);
    const right = element("div", "view-right");
    right.append(this.numbers.root, this.since);
    body.append(left, right, this.cover.root);
    const foot = element("div", "foot-words");
    this.monitor = element("p", "monitor");
    this.score = element("p", "score");
    foot.append(this.score, this.monitor, this.heading.link, this.heading.cautions);
    this.root.append(bar, this.alarms.root, body, this.acts(), foot);
  }

  /** The answers, one touch each. */
  acts() {
    const r = this.coming.response;
    const root = element("section", "acts");
    root.setAttribute("aria-label", say("acts"));
    /** @type {Map<string, {press: HTMLButtonElement, undo: HTMLButtonElement, label: string, name: Element, words: Element}>} */
    this.keys = new Map();
    /** @param {string} what @param {string} label @param {() => void} press @param {string} undo */
    const act = (what, label, press, undo) => {
      const box = element("div", `act ${what}`);
      const key = { press: button("press", "", press), undo: button("undo", undo, () => void r.undo(what)), label, name: element("span", "act-name", label), words: element("span", "act-words") };
      key.words.setAttribute("role", "status");
      key.press.append(key.name, key.words);
      box.append(key.press, key.undo);
      this.keys?.set(what, key);
      return box;
    };
    this.bays = this.drawer("bays", say("bay"));
    this.reasons = this.drawer("reasons", say("whyDivert"));
    const arrival = element("div", "act-group");
    arrival.append(
      element("h3", "", say("acts")),
      act("accept", say("accept"), () => void r.accept(), say("undo")),
      act("bay", say("bay"), () => this.toggle("bay"), say("undo")),
      act("divert", say("divert"), () => this.toggle("divert"), say("undo")),
    );
    const teams = element("div", "act-group");
    this.answered = element("p", "answered");
    teams.append(element("h3", "", say("team")), ...TEAMS.map((team) => act(team, say(team), () => void r.call(team), say("callOff", say(team)))));
    this.fillDrawers();
    root.append(this.answered, arrival, teams, this.bays, this.reasons);
    return root;
  }

  /** @param {string} className @param {string} title */
  drawer(className, title) {
    const d = element("div", `drawer ${className}`);
    d.hidden = true;
    d.append(element("h3", "", title));
    return d;
  }

  fillDrawers() {
    const r = this.coming.response;
    const choose = (/** @type {string} */ bay) => {
      void r.assign(bay);
      this.toggle("");
    };
    const other = document.createElement("form");
    other.className = "other-bay";
    const field = document.createElement("input");
    field.maxLength = 40;
    field.required = true;
    field.setAttribute("aria-label", say("otherBay"));
    field.placeholder = say("otherBay");
    const send = button("", say("assign"));
    send.type = "submit";
    other.append(field, send);
    other.addEventListener("submit", (e) => {
      e.preventDefault();
      const bay = field.value.trim();
      if (bay) choose(bay);
    });
    this.bays?.append(...BAYS.map((bay) => button("bay-key", bay, () => choose(bay))), other);
    this.reasons?.append(...REASONS.map((why) => holdButton("reason", `${say(why)} (${say("holdTo")})`, () => {
      void r.divert(say(why));
      this.toggle("");
    })));
  }

  /** Opens one drawer, or none. @param {string} what */
  toggle(what) {
    for (const [name, drawer] of /** @type {const} */ ([["bay", this.bays], ["divert", this.reasons]])) {
      if (!drawer) continue;
      drawer.hidden = name !== what || !drawer.hidden;
      this.keys?.get(name)?.press.setAttribute("aria-expanded", String(!drawer.hidden));
      if (!drawer.hidden) drawer.querySelector("button")?.focus();
    }
  }

  /** @param {number} gatewayNow */
  draw(gatewayNow) {
    if (!this.coming.over) this.traces.play(this.coming.now(gatewayNow));
  }

  /** @param {number} gatewayNow @param {number} pageSilent */
  refresh(gatewayNow, pageSilent) {
    const c = this.coming;
    const p = c.patient;
    const now = c.now(gatewayNow);
    this.heading.refresh(c, gatewayNow, pageSilent);
    this.alarms.refresh(c);
    this.traces.refresh(p);
    this.numbers.show(rowsOf(p, now));
    this.cover.refresh(c, gatewayNow, pageSilent);
    write(this.score, c.over ? "" : newsWords(c.chart.row).long);
    write(this.monitor, c.told.monitor);
    write(this.since, p.firstTime ? say("seenSince", clockTime(gatewayNow - (now - p.firstTime))) : "");
    this.refreshEvents(gatewayNow - now);
    this.refreshActs();
  }

  /** @param {number} base gateway time less station time, ms */
  refreshEvents(base) {
    const p = this.coming.patient;
    if (p.changes.events === this.eventsChange) return;
    this.eventsChange = p.changes.events;
    const rows = [...p.events].reverse().map((h) => {
      const row = element("li", `event ${h.kind}`);
      row.append(element("time", "", clockTime(h.atMs + base, true)), element("span", "", happeningWords(h)));
      return row;
    });
    this.events.replaceChildren(...(rows.length > 0 ? rows : [element("li", "quiet", say("eventsNone"))]));
  }

  refreshActs() {
    const r = this.coming.response;
    const elsewhere = answers(this.coming.chart.row).filter((words) => !r.words().includes(words));
    if (this.answered) write(this.answered, elsewhere.join(" · "));
    for (const [what, key] of this.keys ?? []) {
      const d = r.done.get(what);
      const stands = d?.phase === "recorded" || d?.phase === "sending";
      key.press.disabled = this.coming.over !== null || d?.phase === "sending" || (stands && what !== "bay" && what !== "divert");
      key.press.classList.toggle("done", d?.phase === "recorded");
      write(key.name, d ? d.label : key.label);
      write(key.words, d ? r.phaseWords(d) : "");
      key.words.classList.toggle("wrong", d !== undefined && !stands);
      key.undo.classList.toggle("away", !r.mayUndo(what)); // its room stays: nothing moves under a finger
    }
  }
}

/** @param {import("./patient.js").Happening} h */
function happeningWords(h) {
  const [what, state] = h.what.split("|");
  switch (h.kind) {
    case "alarm": return `${GLYPHS[h.priority]} ${h.what}`;
    case "over": return say("alarmOver", h.what);
    case "state": return say("stateNow", what, sayOf(state ?? "unknown"));
    case "back": return say("stateBack", what);
    case "silent": return say("silentFrom");
    case "heard": return say("heardAgain");
  }
}
