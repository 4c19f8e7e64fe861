// Command examine reads the Go code of a workspace and names everything in it that could reach into the tests.
//
//	examine request.json answer.json
//
// It decides on syntax and types, with the same parser rules, build constraints and types as the go command.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
)

// request is what the gate wants to know.
type request struct {
	Root string
	// Go is the go command, which knows where the types of the standard library lie.
	Go string
	// Exports is a file that keeps those places from one call to the next.
	Exports string
	// Module is the module path of the workspace, and Language the go version that its go.mod names.
	Module   string
	Language string
	// Modules are the paths of the modules that its go.mod requires.
	Modules []string
	// Tags are the build tags in force beside those of the platform.
	Tags []string
	// Files are those to be examined, Trusted the other Go files, which are read for their types alone.
	Files   []string
	Trusted []string
	// Allowed is the allowlist.
	Allowed allowed
}

// allowed is what code of a model may use.
type allowed struct {
	// Packages of the standard library that may be imported.
	Packages []string
	// Names, by package, where not all of them may be used: regular expressions that must match whole names.
	Names map[string]string
	// Methods, by type as in reflect.Value, where not all of them may be used.
	Methods map[string][]string
	// Unnamed are methods that may not be called through an interface either, for it may hold such a type.
	Unnamed []string
	// Variables of the standard library that may be assigned to.
	Variables []string
	// SharedTypes are types of the standard library whose values its variables lead to: none may be written into.
	SharedTypes []string
	// Shared is a regular expression: variables of other modules that may not be assigned to.
	Shared string
	// Directives are the compiler directives that may be used.
	Directives []string
}

type objection struct {
	Path   string
	Reason string
}

// answer is what was found.
type answer struct {
	Objections []objection
	// Doubts are files that could not be read or typed: nothing that builds with them is believed.
	Doubts []objection
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "examine: a request and a place for the answer are needed")
		os.Exit(2)
	}
	debug.SetGCPercent(400)
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "examine:", err)
		if errors.Is(err, errNoTypes) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}

func run(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var wanted request
	if err := json.Unmarshal(content, &wanted); err != nil {
		return err
	}
	found, err := examine(wanted)
	if err != nil {
		return err
	}
	content, err = json.Marshal(found)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func examine(wanted request) (answer, error) {
	code := newCode(wanted)
	code.parse()
	rules := newRules(wanted, code)
	for _, file := range code.files {
		if !file.trusted {
			rules.read(file)
		}
	}
	if err := code.locateExports(); err != nil {
		return answer{}, err
	}
	for _, unit := range code.units() {
		rules.check(unit)
	}
	return answer{sorted(rules.objections), sorted(rules.doubts)}, nil
}

func sorted(found map[objection]bool) []objection {
	list := []objection{}
	for one := range found {
		list = append(list, one)
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Path != list[j].Path {
			return list[i].Path < list[j].Path
		}
		return list[i].Reason < list[j].Reason
	})
	return list
}
