// Package calc evaluates arithmetic expressions.
package calc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrDivisionByZero is returned for a division whose divisor is zero.
var ErrDivisionByZero = errors.New("division by zero")

// Eval computes the value of an expression made of decimal numbers, + - * /, unary minus and parentheses.
func Eval(expr string) (float64, error) {
	p := &parser{rest: expr}
	value, err := p.sum()
	if err != nil {
		return 0, err
	}
	if p.peek() != 0 {
		return 0, fmt.Errorf("unexpected %q", p.rest)
	}
	return value, nil
}

// maxDepth bounds the nesting, so that no input can exhaust the stack.
const maxDepth = 10_000

// parser is a recursive-descent parser that evaluates as it reads.
type parser struct {
	rest  string
	depth int
}

// peek skips blanks and returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// next consumes the byte that peek showed.
func (p *parser) next() {
	p.rest = p.rest[1:]
}

// sum reads products joined by + and -.
func (p *parser) sum() (float64, error) {
	left, err := p.product()
	if err != nil {
		return 0, err
	}
	for {
		op := p.peek()
		if op != '+' && op != '-' {
			return left, nil
		}
		p.next()
		right, err := p.product()
		if err != nil {
			return 0, err
		}
		if op == '+' {
			left += right
		} else {
			left -= right
		}
	}
}

// product reads factors joined by * and /.
func (p *parser) product() (float64, error) {
	left, err := p.factor()
	if err != nil {
		return 0, err
	}
	for {
		op := p.peek()
		if op != '*' && op != '/' {
			return left, nil
		}
		p.next()
		right, err := p.factor()
		switch {
		case err != nil:
			return 0, err
		case op == '*':
			left *= right
		case right == 0:
			return 0, ErrDivisionByZero
		default:
			left /= right
		}
	}
}

// factor reads a number, a negated factor or a sum in parentheses.
func (p *parser) factor() (float64, error) {
	if p.depth++; p.depth > maxDepth {
		return 0, errors.New("expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch p.peek() {
	case '-':
		p.next()
		value, err := p.factor()
		return -value, err
	case '(':
		p.next()
		return p.group()
	default:
		return p.number()
	}
}

// group reads the rest of a parenthesis that has been opened.
func (p *parser) group() (float64, error) {
	value, err := p.sum()
	if err != nil {
		return 0, err
	}
	if p.peek() != ')' {
		return 0, errors.New("missing closing parenthesis")
	}
	p.next()
	return value, nil
}

// number reads a whole or decimal number.
func (p *parser) number() (float64, error) {
	digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789."))
	if digits == 0 {
		return 0, fmt.Errorf("expected a number at %q", p.rest)
	}
	text := p.rest[:digits]
	p.rest = p.rest[digits:]
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("malformed number %q", text)
	}
	return value, nil
}
