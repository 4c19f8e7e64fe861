package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// writing are the built-in functions that write to their first argument.
var writing = []string{"clear", "copy", "delete"}

// inspection looks at one file whose types are known.
type inspection struct {
	*rules
	file *file
	info *types.Info
	pkg  *types.Package
	// spec are the test files that are compiled with it.
	spec map[string]bool
}

func (i *inspection) visit(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.Ident:
		i.ident(node)
	case *ast.SelectorExpr:
		if chosen := i.info.Selections[node]; chosen != nil {
			i.selected(node, chosen)
		}
	case *ast.AssignStmt:
		for _, left := range node.Lhs {
			i.assigned(left)
		}
	case *ast.CallExpr:
		i.changed(node)
	case *ast.IncDecStmt:
		i.assigned(node.X)
	case *ast.RangeStmt:
		i.assigned(node.Key)
		i.assigned(node.Value)
	case *ast.UnaryExpr:
		if node.Op == token.AND {
			i.assigned(node.X)
		}
	}
	if expr, ok := node.(ast.Expr); ok && holdsPointer(i.info.Types[expr].Type, 0) {
		i.object(i.file, "holds an unsafe.Pointer, %s", reach)
	}
	if implicit := i.info.Implicits[node]; implicit != nil && holdsPointer(implicit.Type(), 0) {
		i.object(i.file, "holds an unsafe.Pointer, %s", reach)
	}
	return true
}

// ident judges a name: what it stands for must be allowed, and must not belong to the spec.
func (i *inspection) ident(id *ast.Ident) {
	if defined := i.info.Defs[id]; defined != nil && holdsPointer(defined.Type(), 0) {
		i.object(i.file, "holds an unsafe.Pointer, %s", reach)
	}
	if instance, ok := i.info.Instances[id]; ok {
		for argument := range instance.TypeArgs.Types() {
			if holdsPointer(argument, 0) {
				i.object(i.file, "holds an unsafe.Pointer, %s", reach)
			}
		}
	}
	used := i.info.Uses[id]
	if used == nil || used.Pkg() == nil {
		return
	}
	if used.Parent() == used.Pkg().Scope() {
		i.use(i.file, used.Pkg().Path(), used.Name())
	}
	if place := i.code.set.File(used.Pos()); place != nil && i.spec[place.Name()] {
		i.object(i.file, "uses %s, which belongs to the tests", used.Name())
	}
}

// selected judges a method: of a guarded type by its own list, of an interface by what may hide behind it.
func (i *inspection) selected(node *ast.SelectorExpr, chosen *types.Selection) {
	method, ok := chosen.Obj().(*types.Func)
	if !ok || method.Pkg() == nil {
		return
	}
	name := method.Name()
	receiver := method.Signature().Recv().Type()
	if pointer, ok := receiver.(*types.Pointer); ok {
		receiver = pointer.Elem()
	}
	if named, ok := receiver.(*types.Named); ok && named.Obj().Pkg() != nil {
		of := named.Obj().Pkg().Path() + "." + named.Obj().Name()
		if list, guarded := i.allowed.Methods[of]; guarded {
			if !slices.Contains(list, name) {
				i.object(i.file, "uses %s.%s, which may not be used; docs/gate.md lists what may be used of %s", of, name, of)
			}
			return
		}
	}
	if types.IsInterface(chosen.Recv()) && !i.code.std[method.Pkg().Path()] && i.hides(method) {
		i.object(i.file, "uses the method %s of an interface, which may hide that of reflect", name)
	}
}

// hides tells whether a method of an interface may be that of reflect which makes functions or pointers.
func (i *inspection) hides(method *types.Func) bool {
	taken := method.Signature().Params()
	byIndex := taken.Len() == 1 && types.Identical(taken.At(0).Type(), types.Typ[types.Int])
	return slices.Contains(i.allowed.Unnamed, method.Name()) && (method.Name() != "Method" || byIndex)
}

// assigned judges what is written to, or has its address taken: no variable of another package, and nothing in one.
func (i *inspection) assigned(left ast.Expr) {
	within := ""
	for left != nil {
		if shared := i.sharedType(left); shared != "" {
			i.object(i.file, "changes a value of %s, which may belong to everybody, tests too", shared)
			return
		}
		switch inner := left.(type) {
		case *ast.ParenExpr:
			left = inner.X
		case *ast.StarExpr:
			left = inner.X
		case *ast.IndexExpr:
			left = inner.X
		case *ast.SliceExpr:
			left = inner.X
		case *ast.SelectorExpr:
			if i.info.Selections[inner] == nil {
				i.written(inner.Sel, within)
				return
			}
			within, left = ".*", inner.X
		case *ast.Ident:
			i.written(inner, within)
			return
		default:
			return
		}
	}
}

// sharedType names the type that a place is reached through by a pointer or a slice, if variables of the standard
// library lead to such values.
func (i *inspection) sharedType(place ast.Expr) string {
	var from ast.Expr
	switch place := place.(type) {
	case *ast.StarExpr:
		from = place.X
	case *ast.IndexExpr:
		from = place.X
	case *ast.SelectorExpr:
		from = place.X
	}
	if from == nil || i.info.TypeOf(from) == nil {
		return ""
	}
	var to types.Type
	switch of := i.info.TypeOf(from).Underlying().(type) {
	case *types.Pointer:
		to = of.Elem()
	case *types.Slice:
		to = of.Elem()
	default:
		return ""
	}
	named, ok := types.Unalias(to).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	if name := named.Obj().Pkg().Path() + "." + named.Obj().Name(); slices.Contains(i.allowed.SharedTypes, name) {
		return name
	}
	return ""
}

// changed judges what a built-in function writes to.
func (i *inspection) changed(call *ast.CallExpr) {
	name, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(call.Args) == 0 {
		return
	}
	if _, builtin := i.info.Uses[name].(*types.Builtin); builtin && slices.Contains(writing, name.Name) {
		i.assigned(call.Args[0])
	}
}

func (i *inspection) written(id *ast.Ident, within string) {
	variable, ok := i.info.Uses[id].(*types.Var)
	if !ok || variable.Pkg() == nil || variable.Pkg() == i.pkg || variable.Parent() != variable.Pkg().Scope() {
		return
	}
	path, name := variable.Pkg().Path(), variable.Name()
	_, own := i.code.folderOf(path)
	kept := i.shared.MatchString(name)
	if i.code.std[path] {
		kept = !slices.Contains(i.allowed.Variables, path+"."+name+within)
	}
	if !own && kept {
		i.object(i.file, "changes %s.%s, which belongs to everybody, tests too", path, name)
	}
}

// redeclared refuses predeclared names given another meaning in a package that its spec is a part of.
func (i *inspection) redeclared() {
	for id, defined := range i.info.Defs {
		if defined == nil || defined.Parent() != i.pkg.Scope() || types.Universe.Lookup(id.Name) == nil {
			continue
		}
		if i.code.set.File(id.Pos()) == i.code.set.File(i.file.tree.FileStart) {
			i.object(i.file, "declares %s anew, which would change what the tests of its package say", id.Name)
		}
	}
}

// holdsPointer tells whether a value of the type can be used as an unsafe.Pointer without naming it.
func holdsPointer(of types.Type, depth int) bool {
	if depth > 20 {
		return false
	}
	holds := func(inner types.Type) bool { return holdsPointer(inner, depth+1) }
	switch of := of.(type) {
	case *types.Basic:
		return of.Kind() == types.UnsafePointer
	case *types.Alias:
		return holds(types.Unalias(of))
	case *types.Pointer:
		return holds(of.Elem())
	case *types.Slice:
		return holds(of.Elem())
	case *types.Array:
		return holds(of.Elem())
	case *types.Chan:
		return holds(of.Elem())
	case *types.Map:
		return holds(of.Key()) || holds(of.Elem())
	case *types.Signature:
		return holds(of.Params()) || holds(of.Results())
	case *types.Tuple:
		for variable := range of.Variables() {
			if holds(variable.Type()) {
				return true
			}
		}
	case *types.Struct:
		for field := range of.Fields() {
			if holds(field.Type()) {
				return true
			}
		}
	case *types.Named:
		for argument := range of.TypeArgs().Types() {
			if holds(argument) {
				return true
			}
		}
		return of.Obj().Pkg() != nil && basic(of.Underlying())
	}
	return false
}

func basic(of types.Type) bool {
	kind, ok := of.(*types.Basic)
	return ok && kind.Kind() == types.UnsafePointer
}
