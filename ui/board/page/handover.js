// The handover: what the crew told, item by item, and what was read back here. What
// is read back is an act, and stands once the record has it. Before the crew has
// offered one, the record's own draft is shown, and cannot be read back.

import { button, element, holdButton, write } from "./element.js";
import { clockTime, say, sayOf } from "./words.js";

/** @typedef {import("./record.js").Item} Item */

const ORDERS = ["IMIST-AMBO", "ATMIST"];

export class HandoverPanel {
  /** @param {import("./record.js").Acts} acts */
  constructor(acts) {
    this.acts = acts;
    this.root = element("div", "handover");
    this.order = ORDERS[0];
    this.change = -1;
    this.shown = "";
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.title = element("h3", "");
    this.state = element("p", "handover-state");
    this.state.setAttribute("role", "status");
    this.orders = element("div", "orders");
    /** @type {HTMLButtonElement[]} */
    this.keys = ORDERS.map((o) => button("", o, () => this.choose(o)));
    this.orders.append(...this.keys);
    this.list = element("ol", "items");
    this.accept = holdButton("take-over", say("takeOver"), () => this.takeOver());
    this.left = element("p", "left");
    const foot = element("div", "handover-foot");
    foot.append(this.accept, this.left);
    this.foot = foot;
    const head = element("div", "handover-head");
    head.append(this.title, this.orders, this.state);
    this.root.append(head, this.list, foot);
  }

  /** @param {string} order */
  choose(order) {
    this.order = order;
    this.change = -1;
    this.acts.changed();
  }

  /** @param {import("./record.js").Record_ | null} record
   * @param {number} change */
  refresh(record, change) {
    const offer = record?.handovers?.[0] ?? null;
    this.refreshActs(offer);
    if (change === this.change) return;
    this.change = change;
    const items = offer?.items ?? record?.draft?.[this.order] ?? [];
    const order = offer?.format ?? this.order;
    const letters = new Map(record?.letters?.[order] ?? record?.letters?.[ORDERS[0]] ?? []);
    this.offer = offer;
    this.orders.hidden = offer !== null;
    for (const k of this.keys) k.setAttribute("aria-pressed", String(k.textContent === this.order));
    write(this.title, offer ? say("handoverOf", order) : say("draft"));
    write(this.state, offer ? offerWords(offer) : record ? say("notOffered") : say("recordWaits"));
    this.state.classList.toggle("done", Boolean(offer?.accepted?.length));
    const shown = `${offer?.ref ?? `draft ${this.order}`}\n${items.map((i) => i.key).join("\n")}`;
    if (shown !== this.shown) {
      this.shown = shown;
      this.build(items, letters, offer);
    }
    for (const i of items) this.rows.get(i.key)?.show(i);
    this.refreshActs(offer);
  }

  /** @param {Item[]} items
   * @param {Map<string, string>} letters
   * @param {import("./record.js").Offered | null} offer */
  build(items, letters, offer) {
    this.rows.clear();
    let last = "";
    const rows = items.map((i) => {
      const row = new Row(i, offer ? { right: () => this.right(i.key), wrong: (heard) => this.wrong(i.key, heard) } : null);
      row.head(i.part === last ? "" : (letters.get(i.part) ?? ""), i.part === last ? "" : sayOf(`part_${i.part}`));
      last = i.part;
      this.rows.set(i.key, row);
      return row.root;
    });
    this.list.replaceChildren(...rows);
  }

  /** @param {import("./record.js").Offered | null} offer */
  refreshActs(offer) {
    this.foot.hidden = !offer;
    if (!offer) return;
    for (const [key, row] of this.rows) row.phase(this.acts.under.get(`read ${offer.ref} ${key}`));
    const needed = offer.items.some((i) => i.critical);
    const left = offer.items.filter((i) => (i.critical || !needed) && !i.right).length;
    const accepted = Boolean(offer.accepted?.length);
    const under = this.acts.under.get(`accept ${offer.ref}`);
    this.accept.hidden = accepted;
    this.accept.disabled = !offer.received || under === "sending";
    write(this.left, under && !accepted ? sayOf(under === "unknown" ? "notKnown" : under === "refused" ? "refusedAct" : under) : accepted ? "" : offer.received ? say("mayTakeOver") : say("leftToRead", left));
  }

  /** @param {string} key */
  async right(key) {
    const next = this.after(key);
    if (!(await this.read(key, { key, right: true }))) return;
    // Only for who is still here: a key that was disabled gives its focus to the page.
    const at = document.activeElement;
    if (at === document.body || this.list.contains(at)) next?.focus();
  }

  /** @param {string} key
   * @param {string} heard */
  async wrong(key, heard) {
    return this.read(key, { key, right: false, heard });
  }

  /** @param {string} key
   * @param {object} item */
  read(key, item) {
    const of = this.offer?.ref;
    if (!of) return Promise.resolve(false);
    return this.acts.send(`read ${of} ${key}`, "handover-read-back", { of, items: [item] });
  }

  /** The next item still to be read back: reading goes on with one key.
   * @param {string} key */
  after(key) {
    const keys = [...this.rows.keys()];
    for (const k of keys.slice(keys.indexOf(key) + 1)) {
      const row = this.rows.get(k);
      if (row && !row.done) return row.yes;
    }
    return null;
  }

  takeOver() {
    const of = this.offer?.ref;
    if (of) void this.acts.send(`accept ${of}`, "handover-accepted", { of });
  }
}

/** @param {import("./record.js").Offered} o */
function offerWords(o) {
  const given = say("offeredBy", o.staff || say("crew"), clockTime(Date.parse(o.at)));
  const taken = o.accepted?.[0];
  return taken ? `${given} · ${say("takenOver", taken.staff || say("unknown"), clockTime(Date.parse(taken.at)))}` : given;
}

/** One item, with its two keys when it can be read back. */
class Row {
  /** @param {Item} item
   * @param {{right: () => void, wrong: (heard: string) => Promise<boolean>} | null} on */
  constructor(item, on) {
    this.root = element("li", "item");
    this.letter = element("span", "letter");
    this.letter.setAttribute("aria-hidden", "true");
    this.name = element("span", "part");
    this.text = element("span", "item-text");
    this.must = element("span", "must", say("mustReadBack"));
    this.said = element("span", "said");
    this.said.setAttribute("role", "status");
    const words = element("div", "item-words");
    words.append(this.name, this.text, this.must, this.said);
    this.root.append(this.letter, words);
    this.done = false;
    /** @type {HTMLButtonElement | null} */
    this.yes = null;
    if (on) this.keys(item, on);
  }

  /** @param {Item} item
   * @param {{right: () => void, wrong: (heard: string) => Promise<boolean>}} on */
  keys(item, on) {
    const keys = element("div", "item-keys");
    this.yes = button("yes", say("readRight"), on.right);
    this.no = button("no", say("readWrong"), () => this.ask());
    for (const k of [this.yes, this.no]) k.setAttribute("aria-label", `${k.textContent}: ${item.text}`);
    const form = /** @type {HTMLFormElement} */ (element("form", "heard"));
    form.hidden = true;
    const field = document.createElement("input");
    field.required = true;
    field.maxLength = 500;
    field.setAttribute("aria-label", say("whatHeard"));
    field.placeholder = say("whatHeard");
    const send = button("", say("send"));
    send.type = "submit";
    form.append(field, send);
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const heard = field.value.trim();
      if (!heard || !(await on.wrong(heard))) return;
      field.value = "";
      form.hidden = true;
    });
    this.form = form;
    this.field = field;
    keys.append(this.yes, this.no, form);
    this.root.append(keys);
  }

  ask() {
    if (!this.form || !this.field) return;
    this.form.hidden = !this.form.hidden;
    if (!this.form.hidden) this.field.focus();
  }

  /** @param {string} letter
   * @param {string} part */
  head(letter, part) {
    this.letter.textContent = letter;
    this.name.textContent = part;
    this.root.classList.toggle("first", part !== "");
  }

  /** @param {Item} i */
  show(i) {
    this.done = Boolean(i.right);
    write(this.text, i.text);
    this.text.classList.toggle("unknown", Boolean(i.unknown));
    this.root.classList.toggle("right", this.done);
    this.root.classList.toggle("open", !this.done && Boolean(i.said?.length));
    const mayRead = this.yes !== null;
    this.must.toggleAttribute("hidden", !i.critical || this.done || !mayRead);
    const who = (/** @type {import("./record.js").Said} */ s) => `${s.staff || say("unknown")} ${clockTime(Date.parse(s.at))}`;
    const rights = (i.said ?? []).filter((s) => s.right).map((s) => say("readBackBy", who(s)));
    const wrongs = (i.said ?? []).filter((s) => !s.right).map((s) => say("heardBy", s.heard ?? "", who(s)));
    this.words = [...wrongs, ...(this.done ? rights : [])].join(" · ");
    if (!this.under) write(this.said, this.words);
  }

  /** An act whose answer was lost is in doubt only until the record shows it.
   * @param {string | undefined} act */
  phase(act) {
    const under = act === "unknown" && this.done ? undefined : act;
    this.under = under;
    if (this.yes) this.yes.disabled = under === "sending" || this.done;
    if (this.no) this.no.disabled = under === "sending";
    write(this.said, under === undefined ? (this.words ?? "") : sayOf(under === "unknown" ? "notKnown" : under === "refused" ? "refusedAct" : under));
    this.said.classList.toggle("wrong", under !== undefined && under !== "sending");
  }
}
