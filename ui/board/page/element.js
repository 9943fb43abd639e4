// Small pieces of the page's markup.

/** @param {string} tag
 * @param {string} className
 * @param {string} [text] */
export function element(tag, className, text) {
  const e = document.createElement(tag);
  e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

/** A button with words.
 * @param {string} className
 * @param {string} text
 * @param {() => void} [press] */
export function button(className, text, press) {
  const b = /** @type {HTMLButtonElement} */ (element("button", className, text));
  b.type = "button";
  if (press) b.addEventListener("click", press);
  return b;
}

/** Writes text only when it is another: a screen reader is told of changes alone.
 * @param {Element} e
 * @param {string} text */
export function write(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

/** How long a hold is: for what cannot be taken back. */
const HOLD_MS = 1000;

/**
 * A button that acts only when held, by finger, mouse, Space or Enter.
 * @param {string} className
 * @param {string} text
 * @param {() => void} held
 */
export function holdButton(className, text, held) {
  const b = button(`hold ${className}`, text);
  let timer = 0;
  const begin = () => {
    if (timer || b.disabled) return;
    b.classList.add("holding");
    timer = setTimeout(() => {
      end();
      held();
    }, HOLD_MS);
  };
  const end = () => {
    clearTimeout(timer);
    timer = 0;
    b.classList.remove("holding");
  };
  b.addEventListener("pointerdown", begin);
  for (const over of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) b.addEventListener(over, end);
  b.addEventListener("keydown", (e) => {
    if (e.key === " " || e.key === "Enter") begin();
  });
  return b;
}
