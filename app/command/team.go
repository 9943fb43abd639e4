package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fieldkit/app/api"
	"fieldkit/app/kit"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

func (s *session) initCommand() *cobra.Command {
	n := kit.New{}
	var picture string
	c := &cobra.Command{
		Use:   "init",
		Short: "Make a station in the data folder",
		Long: `Make a station: its store, its device key, and a team of its own or, with --join,
a place in a team it was invited to. The passphrase needs five words or more.

A new team's recovery words are printed once: write them on paper and keep them
away from every tablet.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.makeStation(c.Context(), n, picture) },
	}
	stationFlagsOf(c, &n, &picture)
	c.Flags().StringVar(&n.Team, "team", "", "the `name` of a new team")
	c.Flags().StringVar(&n.Invitation, "join", "", "the `invitation` to a team, from 'team invite': its text, or a picture of its QR code")
	return c
}

func stationFlagsOf(c *cobra.Command, n *kit.New, picture *string) {
	f := c.Flags()
	f.StringVar(&n.Kind, "kind", "ambulance", "what the station is: ambulance, clinic or hospital")
	f.StringVar(&n.CallSign, "call-sign", "", "how the station is called")
	f.StringVar(&n.Site, "site", "", "the place or service it belongs to")
	f.BoolVar(&n.Training, "training", false, "a folder for training that never holds a real patient's record")
	f.StringVar(picture, "qr", "", "write what the admin scans as a picture to `file`, PNG")
}

func (s *session) makeStation(ctx context.Context, n kit.New, picture string) (err error) {
	if n.Invitation != "" {
		if n.Invitation, err = s.readCode(n.Invitation); err != nil {
			return err
		}
	}
	if n.Passphrase, err = s.passphrase(true); err != nil {
		return err
	}
	made, err := kit.Init(ctx, s.dir, n)
	if err != nil {
		return err
	}
	if err := s.print(made, func(w io.Writer) {
		fmt.Fprintf(w, "Made %s %s in %s.\nDevice key: %s\n", n.Kind, n.CallSign, s.dir, made.Device)
		if made.Recovery != "" {
			fmt.Fprintf(w, "\nRecovery words of team %q. Write them on paper now; they are shown this once:\n\n%s\n\n", made.Team, made.Recovery)
		} else {
			fmt.Fprintf(w, "\nThe admin's screen must show these six words:\n\n  %s\n\nThe answer for the admin, who lets it in with '%s team approve':\n\n%s\n\n", made.Words, s.program, made.Answer)
		}
	}); err != nil {
		return err
	}
	if made.Recovery != "" {
		return s.showCode(s.out, strings.ToUpper(made.Recovery), picture)
	}
	return s.showCode(s.out, made.Answer, picture)
}

func (s *session) teamCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "team",
		Short: "Who belongs to this station's team",
		Long: `Who belongs to this station's team: stations, which are devices with a key, and
staff, who are people.

A newcomer joins in three steps. An admin's station shows an invitation ('team
invite'); the newcomer answers it ('team join'); both screens show the same six
words, people compare them, and the admin's station lets it in ('team approve').
Each text may be typed, sent, or scanned from screen to screen as a QR code. The
newcomer may read the admin's approval in turn ('team join').

A station may belong to several teams ('team list'). The first is its home team:
its recovery words open the store, its staff sign in, its withdrawal locks it. An
encounter belongs to the team it was opened for ('team open-for'), and no other
team learns of it. --team names the one that a command is about.`,
	}
	c.PersistentFlags().StringVar(&s.inTeam, "team", "", "which team, where the station belongs to several: its `name`, or the first letters of its id")
	c.PersistentPreRun = func(c *cobra.Command, _ []string) { c.SetContext(api.WithTeam(c.Context(), s.inTeam)) }
	c.AddCommand(s.createCommand(), s.teamListCommand(), s.openForCommand(), s.inviteCommand(), s.joinCommand(), s.approveCommand(), s.kindCommand(), s.rosterCommand(),
		s.revokeCommand(), s.acceptCommand(), s.recoverCommand(), s.staffCommand(), s.accountCommand())
	return c
}

// teamFace is a station with its team and staff.
type teamFace interface {
	api.Station
	api.Team
	api.People
	api.Keeper
}

var (
	_ teamFace = (*api.Client)(nil)
	_ teamFace = (*kit.Kit)(nil)
)

// team is the running station or, when none runs, the store opened here, with a
// session on it. done must be called.
func (s *session) team(ctx context.Context) (teamFace, api.Token, func(), error) {
	st, t, done, err := s.station(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	return st.(teamFace), t, done, nil
}

// offline opens the store here, with a session on it: for acts that the local API
// does not offer yet.
func (s *session) offline(ctx context.Context) (*kit.Kit, api.Token, error) {
	if _, err := api.Dial(ctx, s.dir); err == nil {
		return nil, "", errors.New("a station is running on this data folder; stop it for this")
	}
	k, err := kit.Open(s.dir, s.log())
	if err != nil {
		return nil, "", err
	}
	passphrase, err := s.passphrase(false)
	if err != nil {
		return nil, "", errors.Join(err, k.Close())
	}
	t, err := k.Unlock(ctx, passphrase)
	if err != nil {
		return nil, "", errors.Join(err, k.Close())
	}
	return k, t, nil
}

func (s *session) createCommand() *cobra.Command {
	n := kit.New{}
	var picture string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a station that begins a team, and show the recovery words once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n.Team = args[0]
			return s.makeStation(c.Context(), n, picture)
		},
	}
	stationFlagsOf(c, &n, &picture)
	return c
}

func (s *session) inviteCommand() *cobra.Command {
	var picture string
	c := &cobra.Command{
		Use:   "invite",
		Short: "Show an invitation to the team; a secret until the newcomer has joined",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			i, err := st.Invite(c.Context(), t)
			if err != nil {
				return err
			}
			if err := s.print(i, func(w io.Writer) { fmt.Fprintln(w, i.Text) }); err != nil {
				return err
			}
			return s.showCode(s.out, i.Text, picture)
		},
	}
	c.Flags().StringVar(&picture, "qr", "", "write it as a picture to `file`, PNG")
	return c
}

func (s *session) joinCommand() *cobra.Command {
	n := kit.New{}
	var picture string
	var also bool
	c := &cobra.Command{
		Use:   "join TEXT",
		Short: "Answer an invitation, or read the admin's approval",
		Long: `Answer an invitation, which makes the station in the data folder, or read the
admin's approval of it. TEXT is what the other screen shows: the text itself, the
file name of a picture of its QR code, or - for standard input.

A station that belongs to a team may join another beside it: it says so and asks,
or takes --also for the answer. Neither team learns of the other.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := s.readCode(args[0])
			if err != nil {
				return err
			}
			if i, err := identity.ParseInvite(text); err == nil {
				if kit.CheckStation(s.dir) == nil {
					return s.joinAlso(c.Context(), i.Name, text, also, picture)
				}
				n.Invitation = text
				return s.makeStation(c.Context(), n, picture)
			}
			if _, err := identity.ParseApproval(text); err != nil {
				return &usageError{errors.New("that is neither an invitation nor an approval, or not whole: scan or type it again")}
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			joined, err := st.Join(c.Context(), t, text)
			if err != nil {
				return err
			}
			return s.print(joined, func(w io.Writer) {
				fmt.Fprintf(w, "This station is %s %s of the team %s.\n", joined.Kind, joined.CallSign, joined.Team)
			})
		},
	}
	stationFlagsOf(c, &n, &picture)
	c.Flags().BoolVar(&also, "also", false, "join this team beside those the station belongs to, without being asked")
	return c
}

func (s *session) approveCommand() *cobra.Command {
	a := api.Approval{}
	var words, picture string
	c := &cobra.Command{
		Use:   "approve ANSWER",
		Short: "Let a newcomer into the team, or change what the roster says of a station",
		Long: `Let a newcomer into the team. ANSWER is what the newcomer's screen shows: the text
itself, the file name of a picture of its QR code, or - for standard input. Both
screens show six words; they must be the same, or somebody stands in between.

ANSWER may also be a device key, which is let in without that check: only for a
key read from the newcomer's own screen. A member is named by its call sign or key
to change its kind, site, call sign or grant, or to make it an admin.

The grant is which records the station receives: all; site, those of encounters
that stations of its site opened; handed, those bound for it or handed over to it,
as for a hospital that is the team's guest. Every member holds the envelopes of
all, a guest only those of logs in which something was handed to it. Whatever the
grant, what is handed over to a station it receives. A crew says where a patient is
bound for by the hospital's call sign: 'record encounter-bound-for', or the window.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := s.readCode(args[0])
			if err != nil {
				return err
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if _, err := identity.ParseJoin(text); err == nil {
				n, err := st.Newcomer(c.Context(), t, text)
				if err != nil {
					return err
				}
				if err := s.sameWords(n, words); err != nil {
					return err
				}
				a.Answer = text
			} else {
				a.Key = text
			}
			approved, err := st.Approve(c.Context(), t, a)
			if err != nil {
				return err
			}
			err = s.print(approved, func(w io.Writer) {
				fmt.Fprintf(w, "%s %s is in the team.\n", approved.Kind, approved.CallSign)
				if approved.Approval != "" {
					fmt.Fprintf(w, "\nThe approval, for the newcomer to read:\n\n%s\n\n", approved.Approval)
				}
			})
			if err != nil || approved.Approval == "" {
				return err
			}
			return s.showCode(s.out, approved.Approval, picture)
		},
	}
	f := c.Flags()
	f.StringVar(&a.Kind, "kind", "", "what the station is: ambulance, clinic or hospital (as it says itself)")
	f.StringVar(&a.CallSign, "call-sign", "", "how the station is called (as it says itself)")
	f.StringVar(&a.Site, "site", "", "the place or service it belongs to (as it says itself)")
	f.StringVar(&a.Grant, "grant", "", "which records it receives: all, site or handed (all; of a hospital handed)")
	f.BoolVar(&a.Admin, "admin", false, "it may let others in and out")
	f.StringVar(&words, "words", "", "the six `words` on the newcomer's screen, instead of being asked")
	f.StringVar(&picture, "qr", "", "write the approval as a picture to `file`, PNG")
	return c
}

// sameWords has a person compare the six words on both screens.
func (s *session) sameWords(n api.Newcomer, given string) error {
	differ := &api.Fault{Code: api.CodeRefused, What: "the six words are not the same: somebody may stand in between, and nobody was let in", Do: "Show a new invitation and let the newcomer answer it anew."}
	if given != "" {
		if strings.Join(strings.Fields(strings.ToLower(given)), " ") != n.Words {
			return differ
		}
		return nil
	}
	in, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return &usageError{errors.New("there is no terminal to ask on: give the six words of the newcomer's screen with --words")}
	}
	fmt.Fprintf(s.err, "%s %s answers, with the key\n  %s\nIts screen must show these six words:\n\n  %s\n\nDoes it? (yes/no) ", n.Kind, n.CallSign, n.Key, n.Words)
	line, err := bufio.NewReader(in).ReadString('\n')
	if said := strings.ToLower(strings.TrimSpace(line)); err != nil || said != "yes" && said != "y" {
		return differ
	}
	return nil
}

func (s *session) rosterCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "roster",
		Short: "List the team's stations",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			r, err := st.Roster(c.Context(), t)
			if err != nil {
				return err
			}
			return s.print(r, func(w io.Writer) {
				if r.Team == "" {
					fmt.Fprintln(w, "The team's log has not come yet: wait for the exchange, or take a parcel in.")
				}
				for _, m := range r.Members {
					fmt.Fprintf(w, "%s  %s %s, receives %s%s\n", m.Key, m.Kind, m.CallSign, m.Grant, standing(m))
				}
				if r.Unread > 0 {
					fmt.Fprintf(w, "! %d entries of the team's log are missing or of a later version: this list may be out of date.\n", r.Unread)
				}
			})
		},
	}
}

func standing(m api.Member) string {
	out := ""
	if m.Site != "" {
		out += ", of " + m.Site
	}
	if m.Admin {
		out += ", admin"
	}
	if m.Self {
		out += ", this station"
	}
	if m.Disputed {
		out += ", admins say different things of it"
	}
	if m.Out {
		out += ", withdrawn: " + m.Why
	}
	return out
}

func (s *session) revokeCommand() *cobra.Command {
	var why, since string
	var sure bool
	c := &cobra.Command{
		Use:   "revoke STATION",
		Short: "Withdraw a station from the team: lost, stolen or left",
		Long: `Withdraw a station from the team, named by its call sign or key. Every station in
touch cuts it off at once. What it wrote and is held here stays trusted; what
comes of it later is kept and shown apart. The team gets a new gossip key. Only
the recovery words readmit it.

With --since, for a tablet that was stolen yesterday, what it wrote since then is
set apart too, though it has come. That is a time, by the stamps of its entries, or
the place of the first entry not to be trusted, from 'show'; a thief may have set
the clock, so look at what is listed. Without --sure it only says what would be.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if why == "" {
				return &usageError{errors.New("say why with --reason; write nothing of a patient")}
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if since != "" {
				return s.revokeSince(c.Context(), st, t, api.Revocation{Device: args[0], Why: why, Try: !sure}, since)
			}
			out, err := st.Revoke(c.Context(), t, args[0], why)
			if err != nil {
				return err
			}
			return s.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "%s %s is withdrawn. %d entries of it stay trusted; what comes later is shown apart.\n", out.Kind, out.CallSign, out.Trusted)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&why, "reason", "", "why, for the record; nothing of a patient")
	f.StringVar(&since, "since", "", "since when it is not trusted: a `time` such as 2026-11-22T14:05:00+01:00, or an entry's place")
	f.BoolVar(&sure, "sure", false, "with --since, do it")
	return c
}

// revokeSince reads what --since says, and shows what is set apart by it.
func (s *session) revokeSince(ctx context.Context, st api.Team, t api.Token, r api.Revocation, since string) error {
	var place chart.Ref
	if at, err := time.Parse(time.RFC3339, since); err == nil {
		r.Since = &at
	} else if place.UnmarshalText([]byte(since)) == nil {
		r.From = &place
	} else {
		return &usageError{errors.New("--since is a time such as 2026-11-22T14:05:00+01:00, or an entry's place from 'show'")}
	}
	out, err := st.RevokeSince(ctx, t, r)
	if err != nil {
		return err
	}
	return s.print(out, func(w io.Writer) {
		is := "is withdrawn"
		if out.Tried {
			is = "would be withdrawn"
		}
		fmt.Fprintf(w, "%s %s %s. Of its entries that are held here:\n", out.Kind, out.CallSign, is)
		for _, a := range out.Apart {
			fmt.Fprintf(w, "  %-7s %6d stay trusted, %6d are set apart", a.Log, a.Trusted, a.Entries)
			if a.Last != nil {
				place, _ := a.Last.MarshalText()
				fmt.Fprintf(w, "; the last trusted is of %s: %s", clock(a.At), place)
			}
			if a.Behind {
				fmt.Fprintf(w, "\n          Its clock was behind then and may have been set back: what came since passes for older. Look at it with 'show', and name an entry.")
			}
			fmt.Fprintln(w)
		}
		if out.Tried {
			fmt.Fprintln(w, "Nothing was done yet: add --sure to do it.")
		}
	})
}

func (s *session) acceptCommand() *cobra.Command {
	a := api.Acceptance{}
	var order string
	c := &cobra.Command{
		Use:   "accept [STATION]",
		Short: "Trust what a withdrawn station wrote, or stop an erasure",
		Long: `Trust what a withdrawn station wrote, as far as this station holds it; or, with
--erase, stop an erasure that was not carried out yet ('erase --list' shows them).`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 == (order != "") {
				return &usageError{errors.New("name a withdrawn station, or an order with --erase")}
			}
			if len(args) == 1 {
				a.Device = args[0]
			} else if err := placeOf(order, &a); err != nil {
				return err
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if err := st.Accept(c.Context(), t, a); err != nil {
				return err
			}
			return s.print(a, func(w io.Writer) { fmt.Fprintln(w, "Accepted, here and at every station that hears of it.") })
		},
	}
	c.Flags().StringVar(&order, "erase", "", "the `place` of an erase order to stop")
	c.Flags().StringVar(&a.Why, "reason", "", "why, for the record; nothing of a patient")
	return c
}

func (s *session) accountCommand() *cobra.Command {
	var role, passwordFile string
	c := &cobra.Command{
		Use:   "account NAME",
		Short: "Make a hospital's account for the page, or change its password",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if passwordFile == "" {
				return &usageError{errors.New("say where the password stands with --password-file")}
			}
			password, err := firstLine(passwordFile)
			if err != nil {
				return err
			}
			k, t, err := s.offline(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			if err := k.SetAccount(c.Context(), t, args[0], role, password); err != nil {
				return err
			}
			return s.print(struct {
				Name string `json:"name"`
			}{args[0]}, func(w io.Writer) { fmt.Fprintf(w, "%s may sign in at the page.\n", args[0]) })
		},
	}
	c.Flags().StringVar(&role, "role", "nurse", "what the person is")
	c.Flags().StringVar(&passwordFile, "password-file", "", "read the password from the first line of `file`")
	return c
}
