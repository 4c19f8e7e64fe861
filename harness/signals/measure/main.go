// Command measure prints the size of the Go files under a folder as one JSON object. It parses and runs nothing.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

type size struct {
	Files     int      `json:"files"`
	Lines     int      `json:"lines"`
	CodeLines int      `json:"code_lines"`
	Functions int      `json:"functions"`
	Longest   int      `json:"longest_function"`
	Broken    []string `json:"broken"`
}

func main() {
	total := size{Broken: []string{}}
	err := filepath.WalkDir(os.Args[1], func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !strings.HasSuffix(path, ".go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(os.Args[1], path)
		if err != nil {
			return err
		}
		total.add(name, source)
		return nil
	})
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(total)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (total *size) add(name string, source []byte) {
	total.Files++
	total.Lines += lines(source)
	total.CodeLines += codeLines(source)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		total.Broken = append(total.Broken, err.Error())
		return
	}
	for _, declaration := range file.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			total.Functions++
			// Lines as they are, whatever a line directive calls them.
			first := set.PositionFor(function.Pos(), false).Line
			last := set.PositionFor(function.End(), false).Line
			total.Longest = max(total.Longest, last-first+1)
		}
	}
}

// lines counts a last line that has no newline too.
func lines(source []byte) int {
	count := strings.Count(string(source), "\n")
	if len(source) > 0 && source[len(source)-1] != '\n' {
		count++
	}
	return count
}

// codeLines counts the lines that hold at least a part of a token; a comment is none. It takes broken files too.
func codeLines(source []byte) int {
	var scan scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	scan.Init(file, source, func(token.Position, string) {}, 0)
	count, counted := 0, 0
	for {
		position, kind, text := scan.Scan()
		if kind == token.EOF {
			return count
		}
		if kind == token.SEMICOLON && text != ";" {
			continue // put in by the scanner at the end of a line
		}
		first := file.PositionFor(position, false).Line
		last := first + strings.Count(text, "\n")
		count += max(0, last-max(first-1, counted))
		counted = max(counted, last)
	}
}
