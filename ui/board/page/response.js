// What this hospital answers a crew: each act is one entry of the record, sent as an
// act of the page and shown as done only when the recorder says that it is.

import { clockTime, say } from "./words.js";

/** How long an answer may be taken back by one touch. */
export const UNDO_MS = 10_000;

export const TEAMS = /** @type {const} */ (["stroke", "stemi", "trauma", "arrest"]);

/**
 * @typedef {"sending" | "recorded" | "failed" | "refused" | "unknown"} Phase
 * @typedef {{label: string, phase: Phase, ref: string, atMs: number, undoing: boolean}} Done atMs: gateway time
 */

export class Response {
  /** @param {import("./link.js").Link} link
   * @param {string} encounter
   * @param {() => void} changed */
  constructor(link, encounter, changed) {
    this.link = link;
    this.encounter = encounter;
    this.changed = changed;
    /** @type {Map<string, Done>} by what was done: "accept", "divert", "bay", or a team */
    this.done = new Map();
  }

  /**
   * Sends an act. One on its way is not sent twice.
   * @param {string} what
   * @param {string} label
   * @param {string} kind
   * @param {object} body
   */
  async act(what, label, kind, body) {
    if (this.done.get(what)?.phase === "sending") return;
    const d = /** @type {Done} */ ({ label, phase: "sending", ref: "", atMs: this.link.now(), undoing: false });
    this.done.set(what, d);
    this.changed();
    const answer = await this.link.act(this.encounter, kind, body);
    d.phase = answer.ok ? "recorded" : answer.unknown ? "unknown" : answer.error === "refused" ? "refused" : "failed";
    d.ref = answer.body?.ref ?? "";
    d.atMs = this.link.now();
    this.changed();
  }

  accept() {
    return this.act("accept", say("accepted"), "arrival-accepted", {});
  }

  /** @param {string} why */
  divert(why) {
    return this.act("divert", `${say("diverted")}: ${why}`, "arrival-diverted", { why });
  }

  /** @param {string} bay */
  assign(bay) {
    return this.act("bay", say("bayIs", bay), "bay-assigned", { bay });
  }

  /** @param {typeof TEAMS[number]} team */
  call(team) {
    return this.act(team, say("teamCalled", say(team)), "activation", { team });
  }

  /** Whether what was done can be taken back now.
   * @param {string} what */
  mayUndo(what) {
    const d = this.done.get(what);
    if (!d || d.phase !== "recorded" || d.undoing) return false;
    return this.isTeam(what) || (d.ref !== "" && this.link.now() - d.atMs < UNDO_MS);
  }

  /** @param {string} what
   * @returns {what is typeof TEAMS[number]} */
  isTeam(what) {
    return TEAMS.includes(/** @type {any} */ (what));
  }

  /** Takes back: a team is called off, any other entry is retracted. Until the
   * recorder has answered it still stands.
   * @param {string} what */
  async undo(what) {
    const d = this.done.get(what);
    if (!d || !this.mayUndo(what)) return;
    d.undoing = true;
    this.changed();
    const answer = this.isTeam(what)
      ? await this.link.act(this.encounter, "activation", { team: what, off: true })
      : await this.link.act(this.encounter, "retraction", { of: d.ref, why: "undone at once" });
    d.undoing = false;
    if (answer.ok) this.done.delete(what);
    else if (answer.unknown) d.phase = "unknown";
    this.changed();
  }

  /** What stands, in words, for the tile.
   * @returns {string[]} */
  words() {
    return [...this.done.values()].filter((d) => d.phase === "recorded").map((d) => d.label);
  }

  /** @param {Done} d */
  phaseWords(d) {
    if (d.undoing || d.phase === "sending") return say("sending");
    if (d.phase === "recorded") return say("recorded", clockTime(d.atMs, true));
    return say(d.phase === "unknown" ? "notKnown" : d.phase === "refused" ? "refusedAct" : "failed");
  }
}
