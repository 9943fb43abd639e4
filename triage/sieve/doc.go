// Package sieve sorts casualties by the published mass-casualty rules and the
// United States field triage guideline. It is pure: findings in, a [Result] that
// explains itself out. It never merges two rules into one, and no unknown finding
// ever makes a casualty less urgent.
//
// # Category
//
// The word of the rule itself: START's immediate is not MITT's p1, although both
// come first. [Urgency] puts the words of all rules into one order.
//
// # Incomplete
//
// When an unknown finding could still change the category, there is none yet: the
// result is "incomplete", names the categories that are possible, the most urgent
// first, and asks the next question of the rule.
//
// # Contradiction
//
// Findings that cannot all be true give an error and no category.
//
// Not here, because their owners license them: Manchester; as recorded fields
// only: CTAS and ESI.
package sieve
