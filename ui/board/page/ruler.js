// How large a millimetre is on this screen. A page cannot know: somebody holds a bank
// card to the screen. It holds for this screen and this zoom; at another, nothing is
// called true to size.

import { button, element } from "./element.js";
import { say } from "./words.js";

/** A card's width, mm (ISO/IEC 7810, ID-1). */
const CARD = 85.6;

/** Pixels to a millimetre where nobody has measured: CSS's own. */
const NOMINAL = 96 / 25.4;

/** What can be believed, pixels to a millimetre. */
const LEAST = 1.5;
const MOST = 20;

const KEPT = "fieldkit-ruler";

const screenNow = () => `${screen.width}x${screen.height}@${devicePixelRatio}`;

/** Pixels to a millimetre, and whether somebody has measured it.
 * @returns {{mm: number, measured: boolean}} */
export function ruler() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    if (kept && kept.screen === screenNow() && kept.mm >= LEAST && kept.mm <= MOST) return { mm: kept.mm, measured: true };
  } catch {
    // What cannot be read was not measured.
  }
  return { mm: NOMINAL, measured: false };
}

/** The drawer in which a screen is measured. */
export class RulerDrawer {
  /** @param {() => void} changed */
  constructor(changed) {
    this.root = element("div", "ruler");
    this.root.hidden = true;
    this.card = element("div", "card");
    this.card.setAttribute("aria-hidden", "true");
    this.field = document.createElement("input");
    this.field.type = "range";
    this.field.min = String(Math.ceil(LEAST * CARD));
    this.field.max = String(Math.min(MOST * CARD, 900));
    this.field.step = "1";
    this.field.setAttribute("aria-label", say("rulerHow"));
    this.field.addEventListener("input", () => this.show());
    const keys = element("div", "ruler-keys");
    keys.append(
      button("ruler-fits", say("rulerFits"), () => {
        localStorage.setItem(KEPT, JSON.stringify({ screen: screenNow(), mm: Number(this.field.value) / CARD }));
        this.root.hidden = true;
        changed();
      }),
      button("ruler-forget", say("rulerForget"), () => {
        localStorage.removeItem(KEPT);
        this.root.hidden = true;
        changed();
      }),
    );
    this.root.append(element("p", "", say("rulerHow")), this.card, this.field, keys);
  }

  toggle() {
    this.root.hidden = !this.root.hidden;
    if (this.root.hidden) return;
    this.field.value = String(Math.round(ruler().mm * CARD));
    this.show();
    this.field.focus();
  }

  show() {
    this.card.style.width = `${this.field.value}px`;
  }
}
