// Package hl7 reads HL7 version 2 results (ORU^R01) and alerts (ORU^R40) that
// bedside monitors send by themselves, in the dialects of Mindray, GE and Comen. It
// acknowledges what it read where the message asks for that, and sends nothing
// else. It reads no name, number or birthday of a patient.
//
// # Message
//
// Segments that end with CR, framed by 0B and 1C 0D on a network (MLLP), or bare: a
// bare message ends where the next begins or when nothing follows for a while. A
// segment that has not ended with its CR is not believed: a number may be cut.
// Nothing in HL7 has a checksum; TCP keeps its bytes whole.
//
// # Result
//
// An OBX of type NM: an MDC code, a number and an MDC or UCUM unit. A number whose
// unit is not known is handed on under its raw name only, never in a unit it may
// not have. Results that are not measured continuously keep their own time
// (OBX-14); where the sender gives a cuff's result none, it has none: the message's
// time is not the result's.
//
// # Sources
//
// HL7 v2.6 chapter 7, IHE Device Enterprise Communication and Alert Communication
// Management, and messages of a real Mindray VS-900 and GE B40, on which the
// driver is proven. Comen's dialect (cuff pressures as 150017 to 150019) follows a
// description only, and alerts follow IHE's text only.
package hl7
