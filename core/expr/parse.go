package expr

import (
	"encoding/json"
	"fmt"
	"strings"
	"unsafe"
)

// Bounds of an expression.
const (
	MaxText  = 4096 // bytes
	maxTests = 128  // comparisons
	maxDepth = 32   // parentheses in each other
)

// Category finds an application category by its tag. False: there is none.
type Category func(tag string) (id uint8, ok bool)

// Options say what an expression may name. What is nil is not known.
type Options struct {
	Category    Category
	Application func(tag string) (id uint32, ok bool)  // nil: tags are compared as texts
	Group       func(name string) *Group               // of @name; nil: there is none
	Device      func(name string) *Group               // who goes by a name now
	Used        func(span string, bytes uint64) *Group // devices that used more today, or in this period
	// Unknown is told of a tag that nothing has. Such a comparison never holds.
	// nil: an unknown category or protocol is an error.
	Unknown func(what string)
}

// Program is a compiled expression. It is only read, so any number of goroutines may share it.
type Program struct {
	nodes []node
	root  int
	text  string
}

// String is the text that the program was compiled from.
func (p *Program) String() string { return p.text }

// Size is about the memory of the program.
func (p *Program) Size() int {
	n := len(p.text) + len(p.nodes)*int(unsafe.Sizeof(node{}))
	for i := range p.nodes {
		if t := p.nodes[i].test; t != nil {
			n += int(unsafe.Sizeof(*t))
			if t.rx != nil {
				n += Size(t.rx)
			}
		}
	}
	return n
}

// PatternBytes is about the memory of the regular expressions of an expression,
// as far as it can be read. It stops at most.
func PatternBytes(text string, most int) (n int) {
	var list []string
	if json.Unmarshal([]byte(text), &list) == nil { // of which any may hold
		for _, text := range list {
			n += PatternBytes(text, most-n)
		}
		return n
	}
	l := lexer{text: text}
	for n < most {
		t, err := l.next()
		if err != nil || t.kind == end {
			break
		}
		if rx, ok := strings.CutPrefix(t.text, "rx:"); ok && t.kind == quoted {
			if p, err := Regexp(rx); err == nil {
				n += Size(p)
			}
		}
	}
	return min(n, most)
}

type op uint8

const (
	always op = iota
	and
	or
	not
	isTrue // the test
)

type node struct {
	op   op
	a, b int
	test *test
}

// Compile reads an expression, several that end in ; of which the last counts,
// or a JSON list of which any may hold. categories may be nil: then only
// numbers of application categories are known. The error is an *Error.
func Compile(source string, categories Category) (*Program, error) {
	return CompileWith(source, Options{Category: categories})
}

// CompileWith is Compile of an expression that may name more.
func CompileWith(source string, names Options) (*Program, error) {
	if len(source) > MaxText {
		return nil, &Error{MaxText + 1, fmt.Sprintf("the expression is longer than %d bytes", MaxText)}
	}
	p := &parser{lexer: lexer{text: source}, names: names, prog: &Program{text: source}}
	if strings.HasPrefix(strings.TrimSpace(source), "[") {
		return p.list(source)
	}
	if err := p.statements(); err != nil {
		return nil, err
	}
	return p.prog, nil
}

type parser struct {
	lexer
	token token
	names Options
	prog  *Program
	tests int
	depth int
}

// list compiles a JSON list. Columns are those of the expression in the list.
func (p *parser) list(source string) (*Program, error) {
	var texts []string
	if err := json.Unmarshal([]byte(source), &texts); err != nil {
		return nil, &Error{1, `a list is JSON: ["ai:netify.netflix", "ac:games"]`}
	}
	if len(texts) == 0 {
		return nil, &Error{1, "the list is empty: write * for every flow"}
	}
	root := -1
	for i, text := range texts {
		p.lexer = lexer{text: text}
		if err := p.statements(); err != nil {
			e := err.(*Error)
			return nil, &Error{e.Column, fmt.Sprintf("of expression %d of the list: %s", i+1, e.Text)}
		}
		if root >= 0 {
			p.prog.root = p.add(node{op: or, a: root, b: p.prog.root})
		}
		root = p.prog.root
	}
	return p.prog, nil
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

func (p *parser) is(text string) bool { return p.token.kind == sign && p.token.text == text }

func (p *parser) wrong(format string, args ...any) error {
	return p.fail(p.token.at, format, args...)
}

func (p *parser) add(n node) int {
	p.prog.nodes = append(p.prog.nodes, n)
	return len(p.prog.nodes) - 1
}

func (p *parser) statements() error {
	if err := p.advance(); err != nil {
		return err
	}
	for {
		root, err := p.or()
		if err != nil {
			return err
		}
		p.prog.root = root
		if p.token.kind == end {
			return nil
		}
		if !p.is(";") {
			return p.wrong("want &&, || or the end, not %v", p.token)
		}
		for p.is(";") {
			if err := p.advance(); err != nil {
				return err
			}
		}
		if p.token.kind == end {
			return nil
		}
	}
}

func (p *parser) or() (int, error)  { return p.binary("||", or, p.and) }
func (p *parser) and() (int, error) { return p.binary("&&", and, p.unary) }

func (p *parser) binary(text string, o op, operand func() (int, error)) (int, error) {
	a, err := operand()
	for err == nil && p.is(text) {
		if err = p.advance(); err != nil {
			break
		}
		var b int
		if b, err = operand(); err == nil {
			if p.cost(b) < p.cost(a) { // whichever comes first, the answer is the same
				a, b = b, a
			}
			a = p.add(node{op: o, a: a, b: b})
		}
	}
	return a, err
}

// cost is about how dear a node is to ask.
func (p *parser) cost(i int) int {
	switch n := &p.prog.nodes[i]; {
	case n.op == isTrue && n.test.rx != nil:
		return 100
	case n.op == isTrue && (n.test.never || n.test.any):
		return 0
	case n.op == isTrue && (n.test.group != nil || n.test.field.form == host || n.test.field.form == text):
		return 5
	case n.op == isTrue && n.test.field.form == address:
		return 2
	case n.op == isTrue || n.op == always:
		return 1
	case n.op == not:
		return p.cost(n.a)
	default:
		return p.cost(n.a) + p.cost(n.b)
	}
}

func (p *parser) unary() (int, error) {
	if !p.is("!") {
		return p.primary(false)
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	a, err := p.primary(true)
	if err != nil {
		return 0, err
	}
	return p.add(node{op: not, a: a}), nil
}

// primary is what && and || join. inverted: a ! stands before it.
func (p *parser) primary(inverted bool) (int, error) {
	switch {
	case p.is("("):
		return p.group()
	case p.is("*"):
		return p.add(node{op: always}), p.advance()
	case p.token.kind != word:
		return 0, p.wrong("want a field, as application or other_port, not %v", p.token)
	}
	if p.tests++; p.tests > maxTests {
		return 0, p.wrong("more than %d comparisons", maxTests)
	}
	name := p.token
	if key, value, ok := strings.Cut(name.text, ":"); ok {
		return p.compact(name, strings.ToLower(key), value)
	}
	f := fieldOf(strings.ToLower(name.text))
	switch {
	case f != nil:
	case name.text[0] == '@':
		return 0, p.wrong("a group alone says nothing: write mac == %s, local_ip == %s or device == %s", name.text, name.text, name.text)
	default:
		return 0, p.wrong("unknown field %s%s", name.text, nearest(name.text))
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	cmp := comparisonOf(p.token.text)
	if p.token.kind != sign || cmp == present {
		return p.bare(f, name)
	}
	if inverted {
		return 0, p.wrong("! stands before a field alone: write %s != …, or put parentheses around it", name.text)
	}
	if f.form == used && (cmp == equal || cmp == unequal) {
		return 0, p.wrong("%s is compared with > >= < or <=", name.text)
	}
	if f.form != number && f.form != used && cmp != equal && cmp != unequal {
		return 0, p.wrong("%s can only be compared with == and !=", name.text)
	}
	return p.compared(f, name, cmp)
}

func (p *parser) group() (int, error) {
	open := p.token.at
	if p.depth++; p.depth > maxDepth {
		return 0, p.wrong("more than %d parentheses in each other", maxDepth)
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	a, err := p.or()
	if err != nil {
		return 0, err
	}
	if !p.is(")") {
		return 0, p.wrong("want ) for the ( in column %d, not %v", open+1, p.token)
	}
	p.depth--
	return a, p.advance()
}

// compared compiles what follows a comparison sign.
func (p *parser) compared(f *field, name token, cmp comparison) (int, error) {
	if err := p.advance(); err != nil {
		return 0, err
	}
	if p.token.kind != word && p.token.kind != quoted {
		return 0, p.wrong("%s is compared with %s, not %v", name.text, f.note, p.token)
	}
	t := &test{field: f, cmp: cmp, source: p.text[name.at:p.at]}
	if err := p.value(t, strings.ToLower(name.text), p.token.text); err != nil {
		return 0, p.wrong("%s: %v", name.text, err)
	}
	return p.add(node{op: isTrue, test: t}), p.advance()
}

func (p *parser) bare(f *field, name token) (int, error) {
	switch f.form {
	case number, boolean, application, protocol, host:
		return p.add(node{op: isTrue, test: &test{field: f, cmp: present, source: name.text}}), nil
	}
	return 0, p.fail(name.at, "%s cannot stand alone: compare it with == or !=", name.text)
}

func (p *parser) compact(name token, key, value string) (int, error) {
	f := shortOf(key)
	if f == nil {
		return 0, p.wrong("unknown field %s: the compact form has ai: pi: ac: pc: dc:", key)
	}
	t := &test{field: f, cmp: equal, source: name.text}
	if err := p.value(t, key, value); err != nil {
		return 0, p.fail(name.at+len(key)+1, "%v", err)
	}
	return p.add(node{op: isTrue, test: t}), p.advance()
}
