package calc_test

import (
	"math"
	"testing"

	"example/calc/calc"
)

func TestEval(t *testing.T) {
	tests := []struct {
		expr string
		want float64
	}{
		{"7", 7},
		{"1 + 2", 3},
		{"8 - 3 - 2", 3},
		{"2 + 3 * 4", 14},
		{"12 / 4 / 3", 1},
		{"(2 + 3) * 4", 20},
		{"((1)) + (2 * (3 + 1))", 9},
		{"10 - (2 - (3 - 1))", 10},
		{"1 - 2 * 3 + 8 / 4", -3},
		{"-3", -3},
		{"2 * -3", -6},
		{"-(1 + 2) - --1", -4},
		{"2.5 * 2 + 0.25", 5.25},
		{"\t 1+ 1 ", 2},
	}
	for _, tt := range tests {
		got, err := calc.Eval(tt.expr)
		if err != nil || math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("Eval(%q) = %v, %v, want %v", tt.expr, got, err, tt.want)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	for _, expr := range []string{
		"", " ", "1 +", "* 2", "(1", "1)", "()", "1 2", "2 $ 3", "1.2.3", "1 / 0", "4 / (2 - 2)",
		"(1 + 2", "3 -* 4", "x",
	} {
		if got, err := calc.Eval(expr); err == nil {
			t.Errorf("Eval(%q) = %v, want an error", expr, got)
		}
	}
}
