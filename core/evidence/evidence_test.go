package evidence

import "testing"

// TestOrderOfEvidence is the rule: a row is a flow, what its clues say, and the clue that decides.
func TestOrderOfEvidence(t *testing.T) {
	type says map[Clue]Says
	web := Flow{Spoke: true, Remote: true} // TLS with a name in its hello
	silent := Flow{Remote: true}           // TLS without one, or bytes that nobody knows
	call := Flow{Media: true, Remote: true}
	dns := Flow{Spoke: true, Asks: true, Remote: true}
	lan := Flow{Spoke: false}
	for _, row := range []struct {
		what string
		flow Flow
		says says
		want Clue
	}{
		{"nothing says anything", web, says{}, None},
		{"the name that the client asks for", web, says{Spoken: App, Certificate: App, Agent: App, Address: App}, Spoken},
		{"a name beats the protocol", web, says{Spoken: App, Twin: App}, Spoken},
		{"the protocol, where the name says nothing", web, says{Twin: App, Certificate: App, Agent: App, Address: App}, Twin},
		{"a name without an application is no reason to believe the answer for another one", web, says{Answer: App}, None},
		{"nor is that of a content network", web, says{Spoken: Network, Answer: App}, Spoken},
		{"but the program that asks is", web, says{Spoken: Network, Agent: App}, Agent},
		{"and whose the address is", web, says{Answer: App, Address: App}, Address},

		{"without a name, what the server calls itself", silent, says{Certificate: App, Answer: App, Agent: App, Address: App}, Certificate},
		{"then what the same sockets spoke before", silent, says{Past: App, Answer: App, Agent: App, Address: App}, Past},
		{"but not of whoever names a host", web, says{Past: App, Address: App}, Address},
		{"then the answer of DNS", silent, says{Answer: App, Agent: App, Address: App}, Answer},
		{"then the program", silent, says{Agent: App, Address: App}, Agent},
		{"then the address", silent, says{Address: App}, Address},
		{"a content network gives way to whatever is weaker", silent, says{Certificate: Network, Answer: Network, Address: App}, Address},
		{"the strongest of several content networks", silent, says{Answer: Network, Address: Network}, Answer},
		{"no name was spoken, whatever it may say", silent, says{Spoken: App}, None},

		{"a call belongs with the others of its socket", call, says{Kin: App, Answer: App, Address: App}, Kin},
		{"but not where its protocol is that of one application", call, says{Twin: App, Kin: App}, Twin},
		{"what is no call has no kin", silent, says{Kin: App}, None},

		{"DNS has the application of the name asked for", dns, says{Spoken: App, Address: App}, Spoken},
		{"and never that of the resolver", dns, says{Address: App}, None},
		{"addresses at home belong to nobody", lan, says{Address: App}, None},
		{"names at home do", lan, says{Answer: App}, Answer},
	} {
		f := row.flow
		asked := 0
		by, ask := Judge(&f)
		for ; ask != None; by, ask = Judge(&f) {
			if f.Says[ask] != Unasked || !(f.counted()>>ask&1 != 0) {
				t.Fatalf("%s: asks for %d again", row.what, ask)
			}
			if f.Says[ask] = row.says[ask]; f.Says[ask] == Unasked {
				f.Says[ask] = Nothing
			}
			asked++
		}
		if by != row.want {
			t.Errorf("%s: decided by %d, want %d", row.what, by, row.want)
		}
		if by == Spoken && row.says[Spoken] == App && asked > 1 {
			t.Errorf("%s: %d clues were asked where one decides", row.what, asked)
		}
	}
}

// TestHints: an answer, an address and another flow are hints; what the flow itself says is none.
func TestHints(t *testing.T) {
	for c := None; c < Clues; c++ {
		want := c == Kin || c == Past || c == Answer || c == Address
		if c.IsHint() != want {
			t.Errorf("%d: %v", c, c.IsHint())
		}
	}
}
