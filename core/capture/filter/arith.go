package filter

// operators by how tightly they bind, the loosest first.
var operators = []map[string]uint16{
	{"|": 0x44, "^": 0xa4},
	{"&": opAnd},
	{"<<": opShiftLeft, ">>": 0x74},
	{"+": opAdd, "-": 0x14},
	{"*": 0x24, "/": 0x34, "%": 0x94},
}

// relations with the jump that decides them; some are the opposite of one.
var relations = map[string]struct {
	op      uint16
	inverse bool
}{
	"=": {opEqual, false}, "!=": {opEqual, true}, ">": {opGreater, false},
	"<=": {opGreater, true}, ">=": {opGreaterEq, false}, "<": {opGreaterEq, true},
}

// constants that may stand for a number.
var constants = map[string]uint32{
	"tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
	"tcp-fin": 1, "tcp-syn": 2, "tcp-rst": 4, "tcp-push": 8, "tcp-ack": 16, "tcp-urg": 32, "tcp-ece": 64, "tcp-cwr": 128,
	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8,
	"icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12, "icmp-tstamp": 13,
	"icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16, "icmp-maskreq": 17, "icmp-maskreply": 18,
	"icmp6-destinationrunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4,
	"icmp6-echo": 128, "icmp6-echoreply": 129, "icmp6-multicastlistenerquery": 130, "icmp6-multicastlistenerreportv1": 131,
	"icmp6-multicastlistenerdone": 132, "icmp6-routersolicit": 133, "icmp6-routeradvert": 134, "icmp6-neighborsolicit": 135,
	"icmp6-neighboradvert": 136, "icmp6-redirect": 137, "icmp6-multicastlistenerreportv2": 143,
}

// arith is code that leaves a value in A.
type arith struct {
	code   []Instruction
	guards []node // must hold before the code has a meaning
	known  bool   // value is the whole code
	value  uint32
}

func constant(v uint32) arith {
	return arith{code: []Instruction{{Op: opLoadImm, K: v}}, known: true, value: v}
}

// relation reads "a op b".
func (p *parser) relation() (node, error) {
	a, err := p.arith(0, 0)
	if err != nil {
		return nil, err
	}
	w := p.peek(0)
	r, ok := relations[w.text]
	if !ok || !w.symbol {
		return nil, p.unexpected("a comparison")
	}
	p.next++
	b, err := p.arith(0, 1)
	if err != nil {
		return nil, err
	}
	var n node
	if b.known {
		n = test{a.code, r.op, b.value}
	} else {
		code := join(a.code, store(0), b.code, Instruction{Op: opToX}, recall(0))
		n = test{code, r.op + opWithX, 0}
	}
	if r.inverse {
		n = inverse{n}
	}
	for _, g := range [][]node{b.guards, a.guards} {
		for i := len(g) - 1; i >= 0; i-- {
			n = both{g[i], n}
		}
	}
	return n, nil
}

func store(slot int) Instruction  { return Instruction{Op: opStore, K: uint32(slot)} }
func recall(slot int) Instruction { return Instruction{Op: opLoadMem, K: uint32(slot)} }

func join(parts ...any) (code []Instruction) {
	for _, part := range parts {
		switch part := part.(type) {
		case Instruction:
			code = append(code, part)
		case []Instruction:
			code = append(code, part...)
		}
	}
	return code
}

// arith reads operators of a level and tighter. Slots below slot are taken.
func (p *parser) arith(level, slot int) (arith, error) {
	if level == len(operators) {
		return p.operand(slot)
	}
	a, err := p.arith(level+1, slot)
	for err == nil {
		w := p.peek(0)
		op, ok := operators[level][w.text]
		if !ok || !w.symbol {
			return a, nil
		}
		p.next++
		if slot >= shiftSlot {
			return a, p.fail(w, "the expression is too deep: kernels have %d places to remember a value", memorySlots)
		}
		var b arith
		if b, err = p.arith(level+1, slot+1); err == nil {
			a, err = p.combine(a, b, w, op, slot)
		}
	}
	return a, err
}

func (p *parser) combine(a, b arith, w word, op uint16, slot int) (arith, error) {
	if b.known && b.value == 0 && (w.text == "/" || w.text == "%") {
		return a, p.fail(w, "division by zero")
	}
	if b.known && b.value > 31 && (w.text == "<<" || w.text == ">>") {
		return a, p.fail(w, "shift by more than 31 bits")
	}
	switch {
	case a.known && b.known:
		return constant(compute(w.text, a.value, b.value)), nil
	case b.known:
		a.code = join(a.code, Instruction{Op: op, K: b.value})
	default:
		a.code = join(a.code, store(slot), b.code, Instruction{Op: opToX}, recall(slot), Instruction{Op: op + opWithX})
	}
	a.known = false
	a.guards = append(a.guards, b.guards...)
	return a, nil
}

func compute(op string, a, b uint32) uint32 {
	switch op {
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "<<":
		return a << b
	case ">>":
		return a >> b
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return a % b
}

// operand is a number, "len", a load, or an expression in parentheses.
func (p *parser) operand(slot int) (arith, error) {
	if err := p.deeper(); err != nil {
		return arith{}, err
	}
	defer func() { p.depth-- }()
	w := p.peek(0)
	switch {
	case p.accept("("):
		a, err := p.arith(0, slot)
		if err == nil && !p.accept(")") {
			err = p.unexpected(`")"`)
		}
		return a, err
	case p.accept("-"):
		a, err := p.operand(slot)
		if a.known {
			return constant(-a.value), err
		}
		a.code = join(a.code, Instruction{Op: opNegate})
		return a, err
	case w.symbol:
		return arith{}, p.unexpected("a number")
	case p.accept("len"):
		return arith{code: []Instruction{{Op: opLoadLen}}}, nil
	case p.peek(1).is("["):
		return p.load(slot)
	}
	v, ok := constants[w.text]
	if !ok {
		if v, ok = number(w.text); !ok {
			return arith{}, p.unexpected("a number")
		}
	}
	p.next++
	return constant(v), nil
}

// load reads proto[offset:size].
func (p *parser) load(slot int) (arith, error) {
	w := p.peek(0)
	if !isProtocol(w) {
		return arith{}, p.fail(w, "%q has no bytes to look at: use ether, ip, ip6, arp, tcp, udp, icmp, icmp6 or the like", w.text)
	}
	p.next += 2
	index, err := p.arith(0, slot)
	if err != nil {
		return index, err
	}
	size := byte(1)
	if p.accept(":") {
		n, ok := number(p.peek(0).text)
		if !ok || n != 1 && n != 2 && n != 4 {
			return index, p.unexpected("a size of 1, 2 or 4")
		}
		size = byte(n)
		p.next++
	}
	if !p.accept("]") {
		return index, p.unexpected(`"]"`)
	}
	return p.loadFrom(w, index, size, slot)
}

func (p *parser) loadFrom(w word, index arith, size byte, slot int) (arith, error) {
	l := &p.link
	op := map[byte]uint16{sizeByte: opLoadByte, sizeHalf: opLoadHalf, sizeWord: opLoadWord}[size]
	a := arith{guards: index.guards}
	proto, transport := protocols[w.text]
	switch {
	case w.text == "ether" || w.text == "link":
		a.code = join(index.code, Instruction{Op: opToX}, Instruction{Op: op + opIndirect})
		if index.known {
			a.code = []Instruction{{Op: op, K: index.value}}
		}
		return a, nil
	case transport && w.text != "icmp6":
		// As in tcpdump, these mean IPv4: an IPv6 header has no fixed length.
		a.guards = append(a.guards, l.ipProtocol(proto.number, inIP), l.firstFragment())
		if index.known {
			a.code = l.transport(int(index.value), size)
			return a, nil
		}
		if slot >= shiftSlot {
			return a, p.fail(w, "the expression is too deep")
		}
		a.code = join(index.code, store(slot), l.toTransport(), recall(slot))
		a.code = join(a.code, Instruction{Op: opAdd + opWithX}, Instruction{Op: opToX}, Instruction{Op: op + opIndirect, K: uint32(l.headerAt)})
		return a, nil
	}
	from := 0
	if w.text == "icmp6" {
		from = 40
		a.guards = append(a.guards, l.carries(etherIP6), test{l.header(6, sizeByte), opEqual, protoICMP6})
	} else {
		a.guards = append(a.guards, l.carries(etherTypes[w.text]))
	}
	if index.known {
		a.code = l.header(from+int(index.value), size)
		return a, nil
	}
	a.code = index.code
	if l.shifted {
		l.shiftUse = true
		a.code = join(a.code, Instruction{Op: opLoadXMem, K: shiftSlot}, Instruction{Op: opAdd + opWithX})
	}
	a.code = join(a.code, Instruction{Op: opToX}, Instruction{Op: op + opIndirect, K: uint32(l.headerAt + from)})
	return a, nil
}
