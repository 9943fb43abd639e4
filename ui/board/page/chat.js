// Messages between the crew and this hospital. A message is in the list only when it
// is in the record; one that was not recorded stays in its field.

import { button, element, write } from "./element.js";
import { dayTime } from "./told.js";
import { say, sayOf } from "./words.js";

/** What an act's body holds with room to spare, in characters. */
const LONGEST = 800;

export class ChatPanel {
  /** @param {import("./record.js").Acts} acts
   * @param {string} draft what was typed before
   * @param {(text: string) => void} typed */
  constructor(acts, draft, typed) {
    this.acts = acts;
    this.root = element("div", "chat");
    this.list = element("ol", "messages");
    this.list.setAttribute("role", "log");
    this.list.setAttribute("aria-label", say("messages"));
    this.list.tabIndex = 0;
    this.form = /** @type {HTMLFormElement} */ (element("form", "write"));
    this.field = document.createElement("textarea");
    this.field.rows = 2;
    this.field.maxLength = LONGEST;
    this.field.value = draft;
    this.field.setAttribute("aria-label", say("writeToCrew"));
    this.field.placeholder = say("writeToCrew");
    this.field.addEventListener("input", () => typed(this.field.value));
    this.field.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
      e.preventDefault();
      this.form.requestSubmit();
    });
    this.sender = button("send", say("send"));
    this.sender.type = "submit";
    this.state = element("p", "write-state");
    this.state.setAttribute("role", "status");
    this.form.append(this.field, this.sender, this.state);
    this.form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const text = this.field.value.trim();
      if (!text) return;
      if (await this.acts.send("message", "message", { text })) {
        if (this.field.value.trim() === text) this.field.value = "";
        typed(this.field.value);
        this.field.focus();
      }
    });
    this.root.append(this.list, this.form);
    this.change = -1;
    /** @type {Set<string>} */
    this.refs = new Set();
  }

  /** @param {import("./record.js").Record_ | null} record
   * @param {number} change */
  refresh(record, change) {
    const under = this.acts.under.get("message");
    this.sender.disabled = under === "sending";
    this.field.readOnly = under === "sending";
    write(this.state, under === undefined ? "" : sayOf(under === "unknown" ? "notKnown" : under === "refused" ? "refusedAct" : under));
    this.state.classList.toggle("wrong", under !== undefined && under !== "sending");
    if (change === this.change) return;
    this.change = change;
    const messages = record?.messages ?? [];
    // A log is read out as it grows: rows that stand already are left alone.
    const same = messages.filter((m) => this.refs.has(m.ref)).length === this.refs.size && this.refs.size > 0;
    const fresh = same ? messages.filter((m) => !this.refs.has(m.ref)) : messages;
    const inOrder = same && fresh.every((m) => messages.indexOf(m) >= messages.length - fresh.length);
    const rows = (inOrder ? fresh : messages).map(row);
    if (inOrder) this.list.append(...rows);
    else this.list.replaceChildren(...(rows.length > 0 ? rows : [element("li", "quiet", record ? say("messagesNone") : say("recordWaits"))]));
    this.refs = new Set(messages.map((m) => m.ref));
    if (rows.length > 0) this.list.scrollTop = this.list.scrollHeight;
  }
}

/** @param {import("./record.js").Message} m */
function row(m) {
  const root = element("li", `message ${m.here ? "ours" : "theirs"}`);
  const head = element("p", "message-head");
  const time = element("time", "", dayTime(Date.parse(m.at)));
  time.setAttribute("datetime", m.at);
  head.append(element("strong", "", m.here ? say("hospital") : say("crew")), element("span", "", m.staff ?? ""), time);
  if (m.to) head.append(element("span", "", say("toWhom", m.to)));
  root.append(head, element("p", "message-text", m.text));
  if (m.cut) root.append(element("p", "quiet", say("messageCut")));
  return root;
}
