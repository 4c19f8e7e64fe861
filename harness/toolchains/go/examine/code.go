package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

var errNoTypes = errors.New("go list does not tell where the types of the standard library lie")

// file is one Go file of the workspace.
type file struct {
	path    string
	folder  string
	trusted bool
	test    bool
	// built tells whether its build constraints are satisfied.
	built bool
	tree  *ast.File
	err   error
}

// unit is a package with its in-package tests: what one compilation sees.
type unit struct {
	folder string
	name   string
	files  []*file
}

// code is all Go code of the workspace, and the way from an import path to its types.
type code struct {
	wanted  request
	set     *token.FileSet
	files   []*file
	std     map[string]bool
	exports map[string]string
	gc      types.Importer
	known   map[string]*types.Package
	pending map[string]bool
	// foreign tells whether a package was asked for, however indirectly, whose source lies outside of the workspace.
	foreign bool
	beyond  map[string]bool
}

func newCode(wanted request) *code {
	c := &code{wanted: wanted, set: token.NewFileSet(), std: map[string]bool{}, exports: map[string]string{}}
	c.known, c.pending, c.beyond = map[string]*types.Package{}, map[string]bool{}, map[string]bool{}
	for _, path := range wanted.Allowed.Packages {
		c.std[path] = true
	}
	c.gc = importer.ForCompiler(c.set, "gc", func(path string) (io.ReadCloser, error) {
		place, ok := c.exports[path]
		if !ok {
			return nil, fmt.Errorf("no types of %s", path)
		}
		return os.Open(place)
	})
	return c
}

func (c *code) parse() {
	context := build.Default
	context.CgoEnabled, context.BuildTags = false, c.wanted.Tags
	for _, list := range []struct {
		paths   []string
		trusted bool
	}{{c.wanted.Files, false}, {c.wanted.Trusted, true}} {
		for _, name := range list.paths {
			f := &file{path: name, folder: path.Dir(name), trusted: list.trusted, test: strings.HasSuffix(name, "_test.go")}
			full := filepath.Join(c.wanted.Root, filepath.FromSlash(name))
			f.tree, f.err = parser.ParseFile(c.set, full, nil, parser.ParseComments|parser.SkipObjectResolution)
			f.built, _ = context.MatchFile(filepath.Dir(full), filepath.Base(full))
			if f.tree == nil {
				f.tree = &ast.File{Name: ast.NewIdent("_")}
				f.built = false
			}
			c.files = append(c.files, f)
		}
	}
}

// units returns the packages that hold code to be examined.
func (c *code) units() []unit {
	type key struct{ folder, name string }
	found := map[key]*unit{}
	for _, f := range c.files {
		if f.built {
			at := key{f.folder, f.tree.Name.Name}
			if found[at] == nil {
				found[at] = &unit{folder: f.folder, name: f.tree.Name.Name}
			}
			found[at].files = append(found[at].files, f)
		}
	}
	list := []unit{}
	for _, one := range found {
		for _, f := range one.files {
			if !f.trusted {
				list = append(list, *one)
				break
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].folder+list[i].name < list[j].folder+list[j].name })
	return list
}

// typed computes the types of a unit, as far as they can be known.
func (c *code) typed(one unit, info *types.Info) (*types.Package, []error) {
	var problems []error
	trees := []*ast.File{}
	for _, f := range one.files {
		trees = append(trees, f.tree)
	}
	config := types.Config{
		Importer: c,
		Error:    func(err error) { problems = append(problems, err) },
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
	}
	if c.wanted.Language != "" {
		config.GoVersion = "go" + c.wanted.Language
	}
	place := c.wanted.Module
	if one.folder != "." {
		place = path.Join(place, one.folder)
	}
	pkg, _ := config.Check(place, c.set, trees, info)
	return pkg, problems
}

// Import finds the types of a package: from the go command's build cache, or from the workspace's own source.
func (c *code) Import(wanted string) (*types.Package, error) {
	if wanted == "unsafe" {
		return types.Unsafe, nil
	}
	if c.std[wanted] {
		return c.gc.Import(wanted)
	}
	if pkg, ok := c.known[wanted]; ok {
		c.foreign = c.foreign || c.beyond[wanted]
		return pkg, nil
	}
	folder, inside := c.folderOf(wanted)
	if !inside {
		c.foreign = true
		return nil, fmt.Errorf("%s lies outside of the workspace", wanted)
	}
	if c.pending[wanted] {
		return nil, errors.New("import cycle")
	}
	c.pending[wanted] = true
	defer delete(c.pending, wanted)
	one := unit{folder: folder}
	for _, f := range c.files {
		if f.folder == folder && f.built && !f.test {
			one.files = append(one.files, f)
		}
	}
	if len(one.files) == 0 {
		return nil, fmt.Errorf("%s has no files", wanted)
	}
	before := c.foreign
	c.foreign = false
	pkg, _ := c.typed(one, &types.Info{})
	c.known[wanted], c.beyond[wanted] = pkg, c.foreign
	c.foreign = c.foreign || before
	return pkg, nil
}

func (c *code) folderOf(wanted string) (string, bool) {
	if wanted == c.wanted.Module {
		return ".", true
	}
	return strings.CutPrefix(wanted, c.wanted.Module+"/")
}

// locateExports finds out where the types of the standard library's packages that are imported lie.
func (c *code) locateExports() error {
	if content, err := os.ReadFile(c.wanted.Exports); err == nil {
		json.Unmarshal(content, &c.exports)
	}
	missing := map[string]bool{}
	for _, f := range c.files {
		for _, one := range f.tree.Imports {
			name, _ := strconv.Unquote(one.Path.Value)
			if c.std[name] {
				if _, err := os.Stat(c.exports[name]); err != nil {
					missing[name] = true
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	args := []string{"list", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", "--"}
	for name := range missing {
		args = append(args, name)
	}
	command := exec.Command(c.wanted.Go, args...)
	command.Dir, command.Stderr = os.TempDir(), os.Stderr
	output, err := command.Output()
	if err != nil {
		return errors.Join(errNoTypes, err)
	}
	for line := range strings.Lines(string(output)) {
		name, place, _ := strings.Cut(strings.TrimSpace(line), "\t")
		c.exports[name] = place
	}
	content, _ := json.Marshal(c.exports)
	temporary := fmt.Sprintf("%s.%d", c.wanted.Exports, os.Getpid())
	if os.WriteFile(temporary, content, 0o600) == nil {
		os.Rename(temporary, c.wanted.Exports)
	}
	return nil
}
