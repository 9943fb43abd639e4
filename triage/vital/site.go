package vital

// A Site is where on the body a reading was taken, as the lower-case word used
// in the record and on screen: "finger", "ear", "oral". "" is not known.
type Site string
