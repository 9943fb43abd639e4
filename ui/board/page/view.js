// The patient view: all numbers with the lowest and highest ever, beside them up to
// four traces and this hospital's answers, the handover, the trends, the record or the
// messages: one at a time, the numbers and alarms always.

import { answers, newsWords } from "./chart.js";
import { ChatPanel } from "./chat.js";
import { button, element, holdButton, write } from "./element.js";
import { HandoverPanel } from "./handover.js";
import { AlarmList, Cover, GLYPHS, Heading } from "./heading.js";
import { Numbers, rowsOf } from "./numbers.js";
import { Acts, RecordReader } from "./record.js";
import { TEAMS } from "./response.js";
import { StripsPanel } from "./strips.js";
import { ToldPanel } from "./told.js";
import { Traces } from "./traces.js";
import { TrendsPanel } from "./trends.js";
import { clockTime, say, sayOf } from "./words.js";

const TRACES = 4;

/** Bays offered by one touch; any other is typed. */
const BAYS = ["R1", "R2", "R3", "1", "2", "3", "4", "5", "6"];

const REASONS = /** @type {const} */ (["noBed", "noScanner", "noTeam", "unsafeHere"]);

/** What is beside the numbers. */
const TABS = /** @type {const} */ (["live", "handover", "trends", "strips", "told", "messages"]);

/** @typedef {typeof TABS[number]} Tab */

export class View {
  /** @param {import("./coming.js").Coming} coming
   * @param {() => void} back
   * @param {() => void} changed */
  constructor(coming, back, changed) {
    this.coming = coming;
    this.reader = new RecordReader(coming.told.encounter, changed);
    this.acting = new Acts(coming.response.link, this.reader, changed);
    /** @type {Tab} */
    this.tab = "live";
    this.root = element("section", `view${coming.told.demo ? " training" : ""}`);
    this.root.setAttribute("aria-label", coming.told.callSign || coming.told.enrolled);
    this.heading = new Heading(coming, "h2");
    this.alarms = new AlarmList((a) => this.alarmAnswer(a));
    this.traces = new Traces(TRACES);
    this.numbers = new Numbers({ seen: true });
    this.numbersChange = -1;
    this.alarmsChange = -1;
    /** @type {import("./numbers.js").Worst} of the record, when it was last brought up to date */
    this.worst = new Map();
    this.cover = new Cover();
    this.since = element("p", "since quiet");
    this.events = element("ol", "events");
    this.eventsChange = -1;
    this.back = button("back", say("back"), back);
    const bar = element("div", "view-bar");
    bar.append(this.back, this.heading.root);
    const body = element("div", "view-body");
    const left = element("div", "view-left");
    const live = element("div", "live");
    const happened = element("section", "happened");
    happened.append(element("h3", "", say("events")), this.events);
    live.append(this.traces.root, happened);
    this.handover = new HandoverPanel(this.acting);
    this.trends = new TrendsPanel();
    this.strips = new StripsPanel(coming, changed);
    this.told = new ToldPanel((of) => {
      this.show("strips");
      this.strips.open(of);
    });
    this.chat = new ChatPanel(this.acting, coming.draft, (text) => (coming.draft = text));
    /** @type {Record<Tab, HTMLElement>} */
    this.panels = { live, handover: this.handover.root, trends: this.trends.root, strips: this.strips.root, told: this.told.root, messages: this.chat.root };
    left.append(...this.tabPanels());
    const right = element("div", "view-right");
    right.append(this.numbers.root, this.since);
    body.append(left, right, this.cover.root);
    const foot = element("div", "foot-words");
    this.monitor = element("p", "monitor");
    this.score = element("p", "score");
    foot.append(this.score, this.monitor, this.heading.link, this.heading.cautions);
    const middle = element("div", "view-middle");
    middle.append(this.alarms.root, this.tabs());
    this.recordOld = element("p", "record-old");
    this.recordOld.setAttribute("role", "status");
    this.answers = this.acts();
    this.root.append(bar, middle, this.recordOld, body, this.answers, foot);
    this.show("live");
  }

  tabs() {
    const list = element("div", "tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", say("parts"));
    /** @type {Map<Tab, HTMLButtonElement>} */
    this.tabKeys = new Map();
    for (const t of TABS) {
      const key = button("tab", say(`tab_${t}`), () => this.show(t));
      key.setAttribute("role", "tab");
      key.id = `tab-${t}`;
      key.setAttribute("aria-controls", `panel-${t}`);
      this.tabKeys.set(t, key);
      list.append(key);
    }
    list.addEventListener("keydown", (e) => {
      const at = TABS.indexOf(this.tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      this.show(TABS[(to + TABS.length) % TABS.length]);
      this.tabKeys?.get(this.tab)?.focus();
    });
    return list;
  }

  tabPanels() {
    return TABS.map((t) => {
      const panel = this.panels[t];
      panel.classList.add("panel");
      panel.id = `panel-${t}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `tab-${t}`);
      return panel;
    });
  }

  /** @param {Tab} tab */
  show(tab) {
    this.tab = tab;
    for (const [t, key] of this.tabKeys ?? []) {
      key.setAttribute("aria-selected", String(t === tab));
      key.tabIndex = t === tab ? 0 : -1;
      this.panels[t].hidden = t !== tab;
    }
    // The answers have their place beside the traces; elsewhere the room is the panel's.
    this.answers.hidden = tab !== "live";
    this.root.dataset.tab = tab;
  }

  /** What the record says of a live alarm: its entries are those not over whose
   * condition is the alarm's text.
   * @param {import("./wave.js").Alarm} a */
  alarmAnswer(a) {
    const entries = (this.coming.over ? [] : this.reader.record?.alarms ?? []).filter((r) => r.condition === a.text && !r.standing && !r.state.startsWith("cleared"));
    const unseen = entries.filter((r) => !r.seen?.some((s) => s.here));
    const ours = entries.flatMap((r) => r.seen ?? []).find((s) => s.here);
    const under = this.acting.under.get(`seen ${a.text}`);
    return {
      by: unseen.length === 0 && ours ? say("weSawBy", ours.staff || say("unknown"), clockTime(Date.parse(ours.at))) : "",
      under: under === undefined || unseen.length === 0 ? "" : sayOf(under === "unknown" ? "notKnown" : under === "refused" ? "refusedAct" : under),
      seen: unseen.length > 0 && under !== "sending" ? () => void this.acting.send(`seen ${a.text}`, "alarm-acknowledged", { of: unseen.map((r) => r.ref) }) : null,
    };
  }

  /** The record in every panel; nothing of it once the tile has ended.
   * @param {number} gatewayNow */
  refreshRecord(gatewayNow) {
    const over = this.coming.over !== null;
    if (!over) void this.reader.keep(performance.now());
    const record = over ? null : this.reader.record;
    const change = over ? -2 : this.reader.change;
    this.handover.refresh(record, change);
    this.trends.refresh(record, change);
    this.strips.refresh(record, change, gatewayNow, this.tab === "strips");
    this.told.refresh(record, change);
    this.chat.refresh(record, change);
    const waiting = over ? 0 : unanswered(record);
    const unopened = over ? 0 : this.strips.unopened(record);
    for (const [t, key] of this.tabKeys ?? []) {
      const more = t === "messages" && waiting > 0 ? ` (${waiting})` : t === "strips" && unopened > 0 ? ` (${unopened})` : t === "handover" && record?.handovers?.length && !record.handovers[0].accepted?.length ? " •" : "";
      write(key, say(`tab_${t}`) + more);
      key.classList.toggle("calls", more !== "");
    }
    write(this.recordOld, !over && this.reader.old(performance.now()) ? say("recordOld") : "");
    /** @type {import("./numbers.js").Worst} */
    const worst = new Map();
    for (const t of record?.trends ?? []) {
      const low = t.lowest?.value;
      const high = t.highest?.value;
      if (low !== undefined && high !== undefined) worst.set(t.number, { low, high });
    }
    return worst;
  }

  /** The answers, one touch each. */
  acts() {
    const r = this.coming.response;
    const root = element("section", "acts");
    root.setAttribute("aria-label", say("acts"));
    /** @type {Map<string, {press: HTMLButtonElement, undo: HTMLButtonElement, label: string, name: Element, words: Element}>} */
    this.keys = new Map();
    /** @param {string} what
     * @param {string} label
     * @param {() => void} press
     * @param {string} undo */
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

  /** @param {string} className
   * @param {string} title */
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

  /** Opens one drawer, or none.
   * @param {string} what */
  toggle(what) {
    for (const [name, drawer] of /** @type {const} */ ([["bay", this.bays], ["divert", this.reasons]])) {
      if (!drawer) continue;
      drawer.hidden = name !== what || !drawer.hidden;
      this.keys?.get(name)?.press.setAttribute("aria-expanded", String(!drawer.hidden));
      if (!drawer.hidden) drawer.querySelector("button")?.focus();
    }
  }

  /** Brings traces up to date, and numbers and alarms that are other than before; once
   * an animation frame.
   * @param {number} gatewayNow */
  draw(gatewayNow) {
    const { numbers, alarms } = this.coming.patient.changes;
    if (this.coming.over) return;
    this.traces.play(this.coming.now(gatewayNow));
    if (numbers !== this.numbersChange || alarms !== this.alarmsChange) this.tell(gatewayNow);
  }

  /** Brings numbers and alarms up to date.
   * @param {number} gatewayNow */
  tell(gatewayNow) {
    const c = this.coming;
    this.numbersChange = c.patient.changes.numbers;
    this.alarmsChange = c.patient.changes.alarms;
    this.alarms.refresh(c);
    this.numbers.show(rowsOf(c.patient, c.now(gatewayNow), this.worst));
  }

  /** @param {number} gatewayNow
   * @param {number} pageSilent */
  refresh(gatewayNow, pageSilent) {
    const c = this.coming;
    const p = c.patient;
    const now = c.now(gatewayNow);
    this.heading.refresh(c, gatewayNow, pageSilent);
    this.traces.refresh(p);
    this.worst = this.refreshRecord(gatewayNow);
    this.tell(gatewayNow);
    this.cover.refresh(c, gatewayNow, pageSilent);
    write(this.score, c.over ? "" : newsWords(c.chart.row).long);
    write(this.monitor, c.told.monitor);
    write(this.since, p.firstTime ? say(this.worst.size > 0 ? "seenEver" : "seenSince", clockTime(gatewayNow - (now - p.firstTime))) : "");
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

/** How many messages the crew wrote since this hospital last did.
 * @param {import("./record.js").Record_ | null} record */
function unanswered(record) {
  let count = 0;
  for (const m of record?.messages ?? []) count = m.here ? 0 : count + 1;
  return count;
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
