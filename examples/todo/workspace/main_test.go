package main

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

// send sends a request, with a form if text is given, checks the status and returns the reply.
func send(t *testing.T, h http.Handler, method, path string, status int, text ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(method, path, nil)
	if len(text) > 0 {
		req = httptest.NewRequest(method, path, strings.NewReader(url.Values{"text": text}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != status {
		t.Fatalf("%s %s %q = %d, want %d", method, path, text, rec.Code, status)
	}
	return rec
}

// seeded returns a server with these todos.
func seeded(t *testing.T, texts ...string) http.Handler {
	t.Helper()
	h := NewServer()
	for _, text := range texts {
		send(t, h, "POST", "/todos", 200, text)
	}
	return h
}

// wantHTML checks the content type and that each part occurs in the body.
func wantHTML(t *testing.T, rec *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	if kind := rec.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("Content-Type = %q, want text/html", kind)
	}
	for _, part := range parts {
		if !strings.Contains(rec.Body.String(), part) {
			t.Errorf("%s is missing in:\n%s", part, rec.Body)
		}
	}
}

// wantTodo checks that the reply is one bare todo.
func wantTodo(t *testing.T, rec *httptest.ResponseRecorder, id int, class, text string) {
	t.Helper()
	body := strings.TrimSpace(rec.Body.String())
	open := fmt.Sprintf(`<li id="todo-%d" class="%s">`, id, class)
	if !strings.HasPrefix(body, open) || !strings.HasSuffix(body, "</li>") || strings.Count(body, "<li") != 1 {
		t.Errorf("not one bare todo that starts with %s:\n%s", open, body)
	}
	wantHTML(t, rec)
	for _, action := range []string{`hx-post="/todos/%d/toggle"`, `hx-delete="/todos/%d"`} {
		control := element(t, body, fmt.Sprintf(action, id))
		target := fmt.Sprintf(`hx-target="#todo-%d"`, id)
		if !strings.Contains(control, target) || !strings.Contains(control, `hx-swap="outerHTML"`) {
			t.Errorf("control without its target or its way to swap:\n%s", control)
		}
	}
	if got := texts(body); len(got) != 1 || got[0] != text {
		t.Errorf("text = %q, want %q", got, text)
	}
}

// element returns the tag that an attribute is in, and the text behind it.
func element(t *testing.T, page, attribute string) string {
	t.Helper()
	before, after, found := strings.Cut(page, attribute)
	if !found {
		t.Fatalf("%s is missing in:\n%s", attribute, page)
	}
	after, _, _ = strings.Cut(after, "<")
	return before[strings.LastIndex(before, "<"):] + attribute + after
}

// texts returns the texts of all todos in a page, in their order, as a reader would see them.
func texts(page string) []string {
	var found []string
	for _, part := range strings.Split(page, `<span class="text">`)[1:] {
		text, _, _ := strings.Cut(part, "<")
		found = append(found, html.UnescapeString(text))
	}
	return found
}

// wantList checks which todos the page shows.
func wantList(t *testing.T, h http.Handler, want ...string) {
	t.Helper()
	if got := texts(send(t, h, "GET", "/", 200).Body.String()); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("the page shows %q, want %q", got, want)
	}
}

func TestPage(t *testing.T) {
	h := NewServer()
	rec := send(t, h, "GET", "/", 200)
	wantHTML(t, rec, `<script src="/static/htmx.min.js">`, `<ul id="todos">`)
	for attribute, parts := range map[string][]string{
		`href="/static/app.css"`: {`<link`, `rel="stylesheet"`},
		`hx-post="/todos"`:       {`<form`, `hx-target="#todos"`, `hx-swap="beforeend"`},
		`name="text"`:            {`<input`},
	} {
		for _, part := range parts {
			if tag := element(t, rec.Body.String(), attribute); !strings.Contains(tag, part) {
				t.Errorf("%s is missing beside %s: %s", part, attribute, tag)
			}
		}
	}
	wantList(t, h)
}

func TestList(t *testing.T) {
	h := seeded(t, "one", "two", "three")
	send(t, h, "POST", "/todos/2/toggle", 200)
	wantHTML(t, send(t, h, "GET", "/", 200),
		`<li id="todo-1" class="todo">`, `<li id="todo-2" class="todo done">`, `<li id="todo-3" class="todo">`,
	)
	wantList(t, h, "one", "two", "three")
	_, list, _ := strings.Cut(send(t, h, "GET", "/", 200).Body.String(), `<ul id="todos">`)
	list, _, _ = strings.Cut(list, "</ul>")
	if got := len(texts(list)); got != 3 {
		t.Errorf("%d of 3 todos are in the list", got)
	}
}

func TestStatic(t *testing.T) {
	files := map[string][]byte{}
	for _, name := range []string{"app.css", "htmx.min.js"} {
		content, err := os.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
	}
	t.Chdir(t.TempDir())
	h := NewServer()
	for name, content := range files {
		if rec := send(t, h, "GET", "/static/"+name, 200); !bytes.Equal(rec.Body.Bytes(), content) {
			t.Errorf("/static/%s is not the file of that name", name)
		}
	}
	send(t, h, "GET", "/static/none.css", 404)
}

func TestCreate(t *testing.T) {
	h := NewServer()
	wantTodo(t, send(t, h, "POST", "/todos", 200, "buy milk"), 1, "todo", "buy milk")
	wantTodo(t, send(t, h, "POST", "/todos", 200, " \tcall home\n"), 2, "todo", "call home")
	wantTodo(t, send(t, h, "POST", "/todos", 200, "buy milk"), 3, "todo", "buy milk")
	wantList(t, h, "buy milk", "call home", "buy milk")
}

func TestCreateEmpty(t *testing.T) {
	h := NewServer()
	send(t, h, "POST", "/todos", 400)
	send(t, h, "POST", "/todos", 400, "")
	send(t, h, "POST", "/todos", 400, " \t\n ")
	wantList(t, h)
	wantTodo(t, send(t, h, "POST", "/todos", 200, "first"), 1, "todo", "first")
}

func TestEscape(t *testing.T) {
	const text = `<b onclick="x()">Tom & 'Jerry'</b>`
	h := NewServer()
	rec := send(t, h, "POST", "/todos", 200, text)
	wantTodo(t, rec, 1, "todo", text)
	wantList(t, h, text)
	wantTodo(t, send(t, h, "POST", "/todos/1/toggle", 200), 1, "todo done", text)
}

func TestToggle(t *testing.T) {
	h := seeded(t, "one", "two")
	for _, class := range []string{"todo done", "todo", "todo done"} {
		wantTodo(t, send(t, h, "POST", "/todos/2/toggle", 200), 2, class, "two")
	}
	wantTodo(t, send(t, h, "POST", "/todos/1/toggle", 200), 1, "todo done", "one")
	wantList(t, h, "one", "two")
}

func TestDelete(t *testing.T) {
	h := seeded(t, "one", "two", "three")
	if rec := send(t, h, "DELETE", "/todos/2", 200); rec.Body.Len() != 0 {
		t.Errorf("body = %q, want none", rec.Body)
	}
	wantList(t, h, "one", "three")
	send(t, h, "DELETE", "/todos/2", 404)
	send(t, h, "POST", "/todos/2/toggle", 404)
	send(t, h, "DELETE", "/todos/3", 200)
	wantTodo(t, send(t, h, "POST", "/todos", 200, "four"), 4, "todo", "four")
	wantList(t, h, "one", "four")
	send(t, h, "DELETE", "/todos/1", 200)
	wantList(t, h, "four")
}

func TestNotFound(t *testing.T) {
	h := seeded(t, "one")
	for _, id := range []string{"0", "2", "-1", "one", "1x"} {
		send(t, h, "POST", "/todos/"+id+"/toggle", 404)
		send(t, h, "DELETE", "/todos/"+id, 404)
	}
	for _, path := range []string{"/nope", "/todo", "/index.html", "/todos/1/nope"} {
		send(t, h, "GET", path, 404)
	}
	wantList(t, h, "one")
}

func TestMethods(t *testing.T) {
	h := seeded(t, "one")
	for path, methods := range map[string]string{
		"/":               "POST PUT DELETE",
		"/todos":          "GET PUT DELETE",
		"/todos/1":        "GET POST PUT",
		"/todos/1/toggle": "GET PUT DELETE",
		"/static/app.css": "POST DELETE",
	} {
		for _, method := range strings.Fields(methods) {
			send(t, h, method, path, 405)
		}
	}
	wantList(t, h, "one")
}

func TestOwnList(t *testing.T) {
	a, b := seeded(t, "one"), NewServer()
	wantList(t, b)
	wantTodo(t, send(t, b, "POST", "/todos", 200, "other"), 1, "todo", "other")
	wantList(t, a, "one")
}
