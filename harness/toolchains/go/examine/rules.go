package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const reach = "which could reach into the tests"

// rules holds the allowlist against code.
type rules struct {
	code       *code
	allowed    allowed
	names      map[string]*regexp.Regexp
	shared     *regexp.Regexp
	objections map[objection]bool
	doubts     map[objection]bool
}

func newRules(wanted request, code *code) *rules {
	r := &rules{code: code, allowed: wanted.Allowed, names: map[string]*regexp.Regexp{}}
	r.objections, r.doubts = map[objection]bool{}, map[objection]bool{}
	for path, names := range wanted.Allowed.Names {
		r.names[path] = regexp.MustCompile("^(?:" + names + ")$")
	}
	r.shared = regexp.MustCompile("^(?:" + wanted.Allowed.Shared + ")$")
	return r
}

func (r *rules) object(f *file, format string, args ...any) {
	r.objections[objection{f.path, fmt.Sprintf(format, args...)}] = true
}

// mayUse tells whether a package-level name of another package may be used.
func (r *rules) mayUse(path, name string) bool {
	names, guarded := r.names[path]
	return !guarded || !ast.IsExported(name) || names.MatchString(name)
}

// read examines what a file says without knowing any types: imports, directives, and of a file that is not built
// here, the names that it takes from guarded packages.
func (r *rules) read(f *file) {
	if f.err != nil {
		r.doubts[objection{f.path, "cannot be parsed: " + f.err.Error()}] = true
	}
	for _, group := range f.tree.Comments {
		for _, line := range group.List {
			if verb, ok := strings.CutPrefix(line.Text, "//go:"); ok {
				verb, _, _ = strings.Cut(strings.TrimSpace(verb), " ")
				verb, _, _ = strings.Cut(verb, "\t")
				if !slices.Contains(r.allowed.Directives, verb) {
					r.object(f, "uses the directive //go:%s, %s", verb, reach)
				}
			}
		}
	}
	local := map[string]string{}
	for _, one := range f.tree.Imports {
		path, err := strconv.Unquote(one.Path.Value)
		if err != nil || !r.mayImport(f, path) {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if one.Name != nil {
			name = one.Name.Name
		}
		if _, guarded := r.names[path]; guarded && name == "." {
			r.object(f, "imports %s without a name: import it plainly", path)
		}
		local[name] = path
	}
	if !f.built {
		r.byNames(f, local)
	}
}

func (r *rules) mayImport(f *file, path string) bool {
	if r.code.std[path] {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	_, own := r.code.folderOf(path)
	required := slices.ContainsFunc(r.code.wanted.Modules, func(module string) bool {
		return path == module || strings.HasPrefix(path, module+"/")
	})
	switch {
	case first == "0gate":
		r.object(f, "imports the gate's own package")
	case path == "unsafe" || path == "C" || path == "plugin" || first == "internal" || first == "runtime" || first == "syscall":
		r.object(f, "imports %s, %s", path, reach)
	case own || required || strings.Contains(first, "."):
		return true
	default:
		r.object(f, "imports %s, which is not among the packages that may be used", path)
	}
	return false
}

// byNames refuses names of guarded packages where types are unknown, even if something else is meant by them.
func (r *rules) byNames(f *file, local map[string]string) {
	ast.Inspect(f.tree, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if slices.Contains(r.allowed.Unnamed, selector.Sel.Name) && selector.Sel.Name != "Method" {
			r.object(f, "uses %s, %s", selector.Sel.Name, reach)
		}
		if package_, ok := selector.X.(*ast.Ident); ok && local[package_.Name] != "" {
			r.use(f, local[package_.Name], selector.Sel.Name)
		}
		return true
	})
}

func (r *rules) use(f *file, path, name string) {
	if !r.mayUse(path, name) {
		r.object(f, "uses %s.%s, which may not be used; docs/gate.md lists what may be used of %s", path, name, path)
	}
}

// check examines a package by its types.
func (r *rules) check(one unit) {
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Instances:  map[*ast.Ident]types.Instance{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	r.code.foreign = false
	pkg, problems := r.code.typed(one, info)
	specified := slices.ContainsFunc(one.files, func(f *file) bool { return f.test })
	for _, f := range one.files {
		if f.trusted {
			continue
		}
		if len(problems) > 0 && r.code.foreign {
			r.byNames(f, nil)
		} else if len(problems) > 0 {
			r.doubts[objection{f.path, "cannot be typed: " + problems[0].Error()}] = true
		}
		look := inspection{r, f, info, pkg, map[string]bool{}}
		for _, other := range one.files {
			if other.test {
				look.spec[r.code.set.File(other.tree.FileStart).Name()] = true
			}
		}
		ast.Inspect(f.tree, look.visit)
		if specified {
			look.redeclared()
		}
	}
}
