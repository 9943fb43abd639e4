// The record of the opened patient: GET /record/{encounter}, asked again while the
// patient is on screen, and at once after something was written here or the gateway
// said that it changed.

const ASK_EVERY = 5000;

/** After a failure the record on screen is called old. */
const OLD_AFTER = 10_000;

/**
 * Who wrote an entry, and when it was true. standing says why it does not count.
 * @typedef {{ref: string, at: string, staff?: string, here?: boolean, unset?: boolean, standing?: string}} By
 * @typedef {By & {right?: boolean, heard?: string}} Said
 * @typedef {{key: string, part: string, text: string, unknown?: boolean, critical?: boolean, right?: boolean, said?: Said[]}} Item
 * @typedef {By & {format: string, to?: string, items: Item[], received?: boolean, accepted?: By[], strange?: number}} Offered
 * @typedef {{at: string, value?: number, state?: string, doubtful?: boolean}} Point
 * @typedef {{sign: string, number: number, unit: string, spot?: boolean, points: Point[] | null, lowest?: Point, highest?: Point}} Trend
 * @typedef {By & {kind: string, text: string}} Told
 * @typedef {{score: string, title: string, text: string, version: string, missing: string[], fired: string[], warnings: string[], source: string}} Result
 * @typedef {By & {to?: string, text: string, cut?: boolean}} Message
 * @typedef {By & {condition: string, priority: string, state: string, seen?: By[]}} Raised
 * @typedef {{
 *   handovers: Offered[] | null, draft: Record<string, Item[]>, letters: Record<string, [string, string][]>,
 *   trends: Trend[] | null, until?: string, happened: Told[] | null, strips?: import("./strips.js").StripRow[] | null, scores: Result[] | null,
 *   messages: Message[] | null, alarms: Raised[] | null, cut?: boolean,
 * }} Record_
 */

export class RecordReader {
  /** @param {string} encounter
   * @param {() => void} changed */
  constructor(encounter, changed) {
    this.encounter = encounter;
    this.changed = changed;
    /** @type {Record_ | null} null until it was read once */
    this.record = null;
    this.text = "";
    this.askedAt = -Infinity;
    this.readAt = -Infinity;
    this.asking = false;
    this.again = false;
    /** Grows with each change of the record. */
    this.change = 0;
  }

  /** Asks again when it is time.
   * @param {number} at the page's clock, ms */
  async keep(at) {
    if (this.asking || (!this.again && at - this.askedAt < ASK_EVERY)) return;
    this.asking = true;
    this.again = false;
    this.askedAt = at;
    try {
      const answer = await fetch(`/record/${encodeURIComponent(this.encounter)}`);
      if (!answer.ok) return;
      const text = await answer.text();
      const record = text === this.text ? this.record : JSON.parse(text);
      this.readAt = performance.now();
      if (text === this.text) return;
      this.text = text;
      this.record = record;
      this.change++;
      this.changed();
    } catch {
      // The page says that the record is old once it is.
    } finally {
      this.asking = false;
    }
  }

  /** Something was written: what stands is asked for at once. */
  soon() {
    this.again = true;
  }

  /** Whether what is shown may be old, or nothing could be read yet.
   * @param {number} at the page's clock, ms */
  old(at) {
    return at - Math.max(this.readAt, this.askedAt === -Infinity ? at : 0) > OLD_AFTER;
  }
}

/** An act under way or not recorded, by what it is about; one on its way is not sent
 * twice. What is recorded is the record's to show. */
export class Acts {
  /** @param {import("./link.js").Link} link
   * @param {RecordReader} reader
   * @param {() => void} changed */
  constructor(link, reader, changed) {
    this.link = link;
    this.reader = reader;
    this.changed = changed;
    /** @type {Map<string, "sending" | "failed" | "refused" | "unknown">} */
    this.under = new Map();
  }

  /**
   * @param {string} what
   * @param {string} kind
   * @param {object} body
   * @returns {Promise<boolean>} whether it is in the record
   */
  async send(what, kind, body) {
    if (this.under.get(what) === "sending") return false;
    this.under.set(what, "sending");
    this.changed();
    const answer = await this.link.act(this.reader.encounter, kind, body);
    if (answer.ok) this.under.delete(what);
    else this.under.set(what, answer.unknown ? "unknown" : answer.error === "refused" ? "refused" : "failed");
    this.reader.soon();
    this.changed();
    return answer.ok;
  }
}
