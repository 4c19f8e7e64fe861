// Package hook makes every test function of a spec prove its verdict to the gate.
package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"0gate/core"
)

// proof of one test: a token for each way it can end, and for each of its runs.
type proof struct {
	absent  string
	pass    []string
	skip    []string
	partial []string
	begun   int
}

// skipped is what package testing writes of a subtest that skipped itself.
var skipped = regexp.MustCompile(`(?m)^\s+--- SKIP: (\S+) \(`)

// witness watches the tests of one process.
type witness struct {
	mu     sync.Mutex
	proofs map[string]*proof
	flags  map[string]string
	// altered tells whether anybody tried to give a flag of package testing another value.
	altered atomic.Bool
}

// frozen is a flag that keeps its value. Whoever sets another is remembered, even if he sets it back.
type frozen struct {
	inner   flag.Value
	altered *atomic.Bool
}

func (f frozen) String() string {
	if f.inner == nil {
		return ""
	}
	return f.inner.String()
}

func (f frozen) Set(text string) error {
	fresh, ok := reflect.New(reflect.TypeOf(f.inner).Elem()).Interface().(flag.Value)
	if !ok {
		return errors.New("this flag cannot be set")
	}
	if err := fresh.Set(text); err != nil {
		return err
	}
	if fresh.String() != f.inner.String() {
		f.altered.Store(true)
	}
	return nil
}

func (f frozen) IsBoolFlag() bool {
	boolean, ok := f.inner.(interface{ IsBoolFlag() bool })
	return ok && boolean.IsBoolFlag()
}

// Run runs the tests as testing would, or as the spec's own TestMain does, under the eyes of a witness.
func Run(m *testing.M, own func(*testing.M)) {
	w := &witness{proofs: map[string]*proof{}}
	// Without orders this is a test binary that its own tests have started again, as a helper: it proves nothing.
	if args := w.read(core.Tokens()); len(args) > 0 {
		w.setFlags(args)
		w.watch(m)
	}
	if own != nil {
		own(m)
		return
	}
	m.Run()
}

// read takes in the gate's orders: the arguments of the process, and the tokens of each test.
func (w *witness) read(orders []byte) []string {
	var args []string
	for _, line := range strings.Split(string(orders), "\n") {
		field := strings.Split(line, "\t")
		switch {
		case field[0] == "arg" && len(field) == 2:
			args = append(args, field[1])
		case field[0] == "test" && len(field) == 6:
			pass, skip, partial := strings.Split(field[3], ","), strings.Split(field[4], ","), strings.Split(field[5], ",")
			w.proofs[field[1]] = &proof{absent: field[2], pass: pass, skip: skip, partial: partial}
		}
	}
	return args
}

// setFlags undoes whatever code under test has done to the arguments and to the flags of package testing.
func (w *witness) setFlags(args []string) {
	os.Args = args
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "test.") {
			f.Value.Set(f.DefValue)
		}
	})
	flag.CommandLine.Parse(args[1:])
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "test.") {
			f.Value = frozen{f.Value, &w.altered}
		}
	})
	w.flags = testFlags()
}

func testFlags() map[string]string {
	flags := map[string]string{}
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "test.") {
			flags[f.Name] = f.Value.String()
		}
	})
	return flags
}

// watch puts a witness before every test function that the spec has, and accounts for those that it has not.
func (w *witness) watch(m *testing.M) {
	field := reflect.ValueOf(m).Elem().FieldByName("tests")
	tests := *(*[]testing.InternalTest)(unsafe.Pointer(field.UnsafeAddr()))
	present := map[string]bool{}
	for i, test := range tests {
		present[test.Name] = true
		if w.proofs[test.Name] == nil {
			core.Report("unknown\t" + test.Name)
			continue
		}
		tests[i].F = w.witnessed(test)
	}
	for name, proof := range w.proofs {
		if !present[name] {
			core.Report("absent\t" + name + "\t" + proof.absent)
		}
	}
}

// witnessed reports a verdict once the test, its subtests and its own cleanups are over.
func (w *witness) witnessed(test testing.InternalTest) func(*testing.T) {
	proof := w.proofs[test.Name]
	return func(t *testing.T) {
		w.mu.Lock()
		run := proof.begun
		proof.begun++
		w.mu.Unlock()
		intact := w.intact()
		returned := false
		t.Cleanup(func() {
			switch {
			case run >= len(proof.pass) || t.Failed():
			case !intact || !w.intact():
				core.Report("flags\t" + test.Name)
			case t.Skipped():
				core.Report("skip\t" + test.Name + "\t" + proof.skip[run])
			case returned && len(skips(t)) > 0:
				names := strings.Join(skips(t), "\t")
				sum := sha256.Sum256([]byte(proof.partial[run] + "\t" + names))
				core.Report("partial\t" + test.Name + "\t" + hex.EncodeToString(sum[:]) + "\t" + names)
			case returned:
				core.Report("pass\t" + test.Name + "\t" + proof.pass[run])
			}
		})
		test.F(t)
		returned = true
	}
}

// skips returns the names of the subtests that skipped themselves; they report into the output of their test.
func skips(t *testing.T) []string {
	output := reflect.ValueOf(t).Elem().FieldByName("output")
	var names []string
	for _, found := range skipped.FindAllSubmatch(output.Bytes(), -1) {
		names = append(names, string(found[1]))
	}
	return names
}

// intact tells whether the flags of package testing are, and always were, as the gate set them.
func (w *witness) intact() bool {
	return !w.altered.Load() && reflect.DeepEqual(w.flags, testFlags())
}
