package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed static
var static embed.FS

//go:embed page.html
var page string

var pages = template.Must(template.New("page").Parse(page))

// todo is one entry of the list.
type todo struct {
	ID   int
	Text string
	Done bool
}

// server holds the todos in the order of their creation.
type server struct {
	mu     sync.Mutex
	lastID int
	todos  []todo
}

// NewServer returns the application, with an empty list.
func NewServer() http.Handler {
	s := &server{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("POST /todos", s.create)
	mux.HandleFunc("POST /todos/{id}/toggle", s.toggle)
	mux.HandleFunc("DELETE /todos/{id}", s.remove)
	mux.Handle("GET /static/", http.FileServerFS(static))
	return mux
}

func (s *server) index(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	todos := slices.Clone(s.todos)
	s.mu.Unlock()
	render(w, "page", todos)
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.PostFormValue("text"))
	if text == "" {
		http.Error(w, "text is missing", http.StatusBadRequest)
		return
	}
	render(w, "todo", s.add(text))
}

func (s *server) toggle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	s.todos[i].Done = !s.todos[i].Done
	render(w, "todo", s.todos[i])
}

func (s *server) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	s.todos = slices.Delete(s.todos, i, i+1)
}

// add puts a new todo at the end of the list.
func (s *server) add(text string) todo {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	added := todo{ID: s.lastID, Text: text}
	s.todos = append(s.todos, added)
	return added
}

// find returns the index of the todo that the path names, or -1. The caller holds the lock.
func (s *server) find(r *http.Request) int {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return -1
	}
	return slices.IndexFunc(s.todos, func(t todo) bool { return t.ID == id })
}

// render sends a template as a whole, or an error instead of half of it.
func render(w http.ResponseWriter, name string, data any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	body.WriteTo(w)
}
