// One vehicle's tile on the board: a trace, four numbers, its alarms and its link.
// It keeps its place as long as the vehicle is expected.

import { answers, newsWords, waits } from "./chart.js";
import { button, element, write } from "./element.js";
import { AlarmList, Cover, Heading } from "./heading.js";
import { Numbers, rowsOf } from "./numbers.js";
import { Traces } from "./traces.js";
import { say } from "./words.js";

const NUMBERS = 4;
const TRACES = 1;

export class Tile {
  /** @param {import("./coming.js").Coming} coming
   * @param {{open: () => void, dismiss: () => void}} on */
  constructor(coming, on) {
    this.coming = coming;
    const t = coming.told;
    this.root = element("article", `tile${t.demo ? " training" : ""}`);
    this.root.tabIndex = 0;
    this.root.setAttribute("aria-label", t.callSign || t.enrolled);
    this.heading = new Heading(coming, "h2");
    this.alarms = new AlarmList();
    this.traces = new Traces(TRACES);
    this.numbers = new Numbers({ seen: false });
    this.numbersChange = -1;
    this.alarmsChange = -1;
    this.cover = new Cover();
    this.answered = element("p", "answered");
    this.waits = element("p", "waits");
    this.opener = button("open", say("open"), on.open);
    this.dismisser = button("dismiss", say("dismiss"), on.dismiss);
    const body = element("div", "body");
    body.append(this.traces.root, this.numbers.root);
    const foot = element("footer", "foot-words");
    this.score = element("p", "score");
    foot.append(this.heading.link, this.score, this.heading.cautions, this.waits, this.answered);
    const row = element("div", "alarm-row");
    row.append(this.alarms.root, this.opener);
    this.root.append(this.heading.root, row, body, foot, this.cover.root);
    this.cover.root.append(this.dismisser);
    this.root.addEventListener("click", (e) => {
      if (!(e.target instanceof Element && e.target.closest("button")) && !coming.over) on.open();
    });
    this.root.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && e.target === this.root && !coming.over) on.open();
    });
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
    this.numbers.show(rowsOf(c.patient, c.now(gatewayNow)).slice(0, NUMBERS));
  }

  /** Brings all up to date, a few times a second.
   * @param {number} gatewayNow
   * @param {number} pageSilent */
  refresh(gatewayNow, pageSilent) {
    const c = this.coming;
    this.heading.refresh(c, gatewayNow, pageSilent);
    this.traces.refresh(c.patient);
    this.tell(gatewayNow);
    this.cover.refresh(c, gatewayNow, pageSilent);
    write(this.score, c.over ? "" : newsWords(c.chart.row).short);
    write(this.answered, c.over ? "" : [...new Set([...answers(c.chart.row), ...c.response.words()])].join(" · "));
    write(this.waits, c.over ? "" : waits(c.chart.row).join(" · "));
    this.opener.disabled = c.over !== null;
    this.dismisser.hidden = c.over === null;
    this.root.classList.toggle("alarming", c.patient.alarms.some((a) => a.priority === 3 && !a.acknowledged));
    this.root.classList.toggle("silent", !this.cover.root.hidden);
  }

  /** What is on screen, read back from it. */
  shown() {
    const p = this.coming.patient;
    return { numbers: this.numbers.shown(), silent: !this.cover.root.hidden, drawn: this.traces.drawn(), missing: p.missing(), late: p.late };
  }
}
