// What the record here says of an encounter: GET /chart/{encounter}, asked again
// while the tile stands, and at once when the gateway says that the record changed.

import { en, howLong, say, sayOf } from "./words.js";

const ASK_EVERY = 5000;

/**
 * A score of triage/score as JSON: numbers as decimals.
 * @typedef {{total: number | string | null, complete: boolean, at_least: number | string | null, band: string, missing?: string[], fired?: string[]}} Score
 */

/**
 * An encounter's row of triage/chart as JSON. The hospital may add what the second
 * part names; what is not there is said to be unknown, never guessed.
 * @typedef {{
 *   who?: {family?: string, given?: string, sex?: string, age?: string, label?: string},
 *   in_conflict?: string[], status?: string, urgency?: number, category?: string, disputed?: boolean,
 *   double_doses?: number, doubts?: number,
 *   complaint?: string, eta?: {seconds: number, at: string, to?: string, source?: string}, news2?: Score, news2_refused?: string,
 *   waiting?: number, handover?: "offered" | "received" | "accepted",
 *   answered?: {accepted?: boolean, bay?: string, diverted?: string, teams?: string[]},
 * }} Row
 */

export class ChartReader {
  /** @param {string} encounter */
  constructor(encounter) {
    this.encounter = encounter;
    /** @type {Row | null} null until it was read once */
    this.row = null;
    this.away = false;
    this.askedAt = -Infinity;
    this.asking = false;
    this.again = false;
  }

  /** The record has changed: the chart is asked for at once. */
  soon() {
    this.again = true;
  }

  /** Asks again when it is time.
   * @param {number} at the page's clock, ms
   * @returns {Promise<void>} */
  async keep(at) {
    if (this.asking || (!this.again && at - this.askedAt < ASK_EVERY)) return;
    this.asking = true;
    this.again = false;
    this.askedAt = at;
    try {
      const answer = await fetch(`/chart/${encodeURIComponent(this.encounter)}`);
      this.away = !answer.ok;
      if (answer.ok) this.row = await answer.json();
    } catch {
      this.away = true;
    } finally {
      this.asking = false;
    }
  }
}

const AGE_WORDS = /** @type {const} */ ({ a: "years", mo: "months", wk: "weeks", d: "days" });

/** Sex and age as a crew says them: "M 64 y".
 * @param {Row | null} row */
export function whoWords(row) {
  const words = [];
  const sex = row?.who?.sex;
  if (sex === "male" || sex === "female" || sex === "other") words.push(say(sex));
  const age = /^(\d+) (a|mo|wk|d)$/.exec(row?.who?.age ?? "");
  if (age) words.push(say(AGE_WORDS[/** @type {keyof typeof AGE_WORDS} */ (age[2])], age[1]));
  return words.join(" ");
}

/** An ETA said longer ago is called old: the road has changed since. */
const ETA_OLD_MS = 15 * 60_000;

/** So much after the time it said, a vehicle is late and not just arriving. */
const ETA_LATE_MIN = 2;

/**
 * When the vehicle says it comes, counted from when it said so, and how old that is.
 * @param {Row | null} row
 * @param {number} now gateway time, ms
 */
export function etaWords(row, now) {
  const eta = row?.eta;
  const at = eta ? Date.parse(eta.at) : NaN;
  if (!eta || Number.isNaN(at)) return { eta: say("etaUnknown"), said: "", late: false, old: false };
  const minutes = Math.ceil((at + eta.seconds * 1000 - now) / 60_000);
  const late = minutes <= -ETA_LATE_MIN;
  const words = late ? say("etaLate", howLong(-minutes * 60_000)) : minutes > 0 ? say("eta", minutes) : say("etaNow");
  return { eta: words, said: say("saidAgo", howLong(now - at)), late, old: now - at >= ETA_OLD_MS };
}

/** Acuity as number, word and class; an unknown one is said to be unknown.
 * @param {Row | null} row */
export function acuity(row) {
  const u = row?.urgency ?? 0;
  if (!(u >= 1 && u <= 7)) return { number: "?", word: say("acuityUnknown"), style: "u0" };
  const word = say(/** @type {import("./words.js").Key} */ (`urgency${u}`));
  const same = [word, en[/** @type {import("./words.js").Key} */ (`urgency${u}`)]].some((w) => w.toLowerCase() === row?.category?.toLowerCase());
  const scheme = row?.category && !same ? ` (${row.category})` : "";
  return { number: String(u), word: word + scheme + (row?.disputed ? `, ${say("disputed")}` : ""), style: `u${u}` };
}

/** What this hospital has answered, at this page or another.
 * @param {Row | null} row
 * @returns {string[]} */
export function answers(row) {
  const a = row?.answered;
  if (!a) return [];
  const teams = (a.teams ?? []).map((team) => say("teamCalled", sayOf(team)));
  return [a.accepted ? say("accepted") : "", a.bay ? say("bayIs", a.bay) : "", a.diverted ? `${say("diverted")}: ${a.diverted}` : "", ...teams].filter(Boolean);
}

/** What waits for somebody here.
 * @param {Row | null} row
 * @returns {string[]} */
export function waits(row) {
  const handover = row?.handover === "offered" ? say("tileOffered") : row?.handover === "received" ? say("tileReceived") : row?.handover === "accepted" ? say("tileTaken") : "";
  return [row?.waiting ? say("tileWrote", row.waiting) : "", handover].filter(Boolean);
}

/** What a score still needs, as a crew calls it; others are shown as they are named.
 * @type {Record<string, string>} */
export const PARTS = { rr: "RR", on_oxygen: "O₂", spo2: "SpO₂", sbp: "NIBP", hr: "HR", consciousness: "ACVPU", temp_c: "Temp" };

/** NEWS2 of what the record here holds: short, and with what it lacks and the rules
 * that fired. An incomplete one is never a total.
 * @param {Row | null} row */
export function newsWords(row) {
  const s = row?.news2;
  if (!s) return { short: "", long: row?.news2_refused ? `NEWS2: ${row.news2_refused}` : "" };
  const short = s.complete && s.total !== null ? say("newsWhole", String(s.total), sayOf(`band_${s.band}`).replace("band_", "")) : say("newsLeast", String(s.at_least ?? "?"));
  const missing = (s.missing ?? []).map((m) => PARTS[m] ?? m).join(", ");
  return { short, long: [short, missing && say("missingParts", missing), ...(s.fired ?? [])].filter(Boolean).join(" · ") };
}

/** What must be known of the record before it is relied on.
 * @param {ChartReader} chart
 * @returns {string[]} */
export function cautions(chart) {
  const out = [];
  if (chart.away) out.push(say("chartAway"));
  if (chart.row?.double_doses) out.push(say("doubleDose"));
  if (chart.row?.doubts) out.push(say("notWhole"));
  return out;
}
