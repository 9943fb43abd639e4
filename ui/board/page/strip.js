// The strip over the board: what cannot wait, of all vehicles, also of those that
// are not on screen. It changes only when what stands changes, so that a screen
// reader is not flooded.

import { element } from "./element.js";
import { GLYPHS, PRIORITIES } from "./heading.js";
import { say } from "./words.js";

const LEAST_PRIORITY = 2;

/** @typedef {{key: string, priority: number, technical: boolean, who: string, what: string, open: () => void}} Urgent */

export class Strip {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.said = "";
  }

  /**
   * @param {Iterable<import("./coming.js").Coming>} all
   * @param {number} pageSilent
   * @param {(c: import("./coming.js").Coming) => void} open
   * @returns {number} the highest priority that nobody has seen
   */
  refresh(all, pageSilent, open) {
    /** @type {Urgent[]} */
    const urgent = [];
    for (const c of all) {
      const who = c.told.callSign || c.told.enrolled || say("unknown");
      if (c.over) {
        if (c.expected) urgent.push({ key: `over ${who}`, priority: 1, technical: true, who, what: say(c.over), open: () => open(c) });
        continue;
      }
      if (c.silentFor(pageSilent) > 0) urgent.push({ key: `silent ${who}`, priority: 1, technical: true, who, what: say("silentNow"), open: () => open(c) });
      for (const a of c.patient.alarms) {
        if (a.priority < LEAST_PRIORITY || a.acknowledged) continue;
        urgent.push({ key: `${who} ${a.id} ${a.text}`, priority: a.priority, technical: a.technical, who, what: a.text, open: () => open(c) });
      }
    }
    urgent.sort((a, b) => b.priority - a.priority);
    const now = urgent.map((u) => `${u.priority} ${u.key} ${u.what}`).join("\n");
    if (now !== this.said) {
      this.said = now;
      this.root.replaceChildren(...urgent.map(chip));
    }
    return Math.max(0, ...urgent.map((u) => u.priority));
  }
}

/** @param {Urgent} u */
function chip(u) {
  const p = PRIORITIES[u.priority];
  const b = /** @type {HTMLButtonElement} */ (element("button", `alarm ${p}${u.technical ? " technical" : ""}`));
  b.type = "button";
  b.append(element("span", "glyph", GLYPHS[u.priority]), element("strong", "", u.who));
  if (u.priority >= LEAST_PRIORITY) b.append(element("span", "word", say(p)));
  b.append(element("span", "what", u.what));
  b.addEventListener("click", u.open);
  return b;
}
