// Package tasks serves a list of tasks.
package tasks

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// task is one task, as stored and as sent.
type task struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
}

// store holds the tasks in the order of their creation.
type store struct {
	mu     sync.Mutex
	lastID int
	tasks  []task
}

// New returns the handler of /tasks, over a store of its own.
func New() http.Handler {
	s := &store{tasks: []task{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tasks", s.create)
	mux.HandleFunc("GET /tasks", s.list)
	mux.HandleFunc("GET /tasks/{id}", s.get)
	mux.HandleFunc("PUT /tasks/{id}", s.replace)
	mux.HandleFunc("DELETE /tasks/{id}", s.remove)
	return mux
}

func (s *store) create(w http.ResponseWriter, r *http.Request) {
	t, err := decode(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	t.ID = s.lastID
	s.tasks = append(s.tasks, t)
	reply(w, http.StatusCreated, t)
}

func (s *store) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, http.StatusOK, s.tasks)
}

func (s *store) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such task")
		return
	}
	reply(w, http.StatusOK, s.tasks[i])
}

func (s *store) replace(w http.ResponseWriter, r *http.Request) {
	t, err := decode(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	switch {
	case i < 0:
		refuse(w, http.StatusNotFound, "no such task")
	case err != nil:
		refuse(w, http.StatusBadRequest, err.Error())
	default:
		t.ID = s.tasks[i].ID
		s.tasks[i] = t
		reply(w, http.StatusOK, t)
	}
}

func (s *store) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such task")
		return
	}
	s.tasks = slices.Delete(s.tasks, i, i+1)
	w.WriteHeader(http.StatusNoContent)
}

// find returns the index of the task that the path names, or -1. The caller holds the lock.
func (s *store) find(r *http.Request) int {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return -1
	}
	return slices.IndexFunc(s.tasks, func(t task) bool { return t.ID == id })
}

// decode reads a task from the request's body.
func decode(r *http.Request) (task, error) {
	var t task
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
		return task{}, errors.New("body is not a task")
	}
	t.Title = strings.TrimSpace(t.Title)
	if t.Title == "" {
		return task{}, errors.New("title is missing")
	}
	return t, nil
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status int, text string) {
	reply(w, status, map[string]string{"error": text})
}
