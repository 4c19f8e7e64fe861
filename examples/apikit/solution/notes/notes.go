// Package notes serves a list of notes.
package notes

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// note is one note, as stored and as sent.
type note struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// store holds the notes in the order of their creation.
type store struct {
	mu     sync.Mutex
	lastID int
	notes  []note
}

// New returns the handler of /notes, over a store of its own.
func New() http.Handler {
	s := &store{notes: []note{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /notes", s.create)
	mux.HandleFunc("GET /notes", s.list)
	mux.HandleFunc("GET /notes/{id}", s.get)
	mux.HandleFunc("PUT /notes/{id}", s.replace)
	mux.HandleFunc("DELETE /notes/{id}", s.remove)
	return mux
}

func (s *store) create(w http.ResponseWriter, r *http.Request) {
	n, err := decode(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	n.ID = s.lastID
	s.notes = append(s.notes, n)
	reply(w, http.StatusCreated, n)
}

func (s *store) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, http.StatusOK, s.notes)
}

func (s *store) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such note")
		return
	}
	reply(w, http.StatusOK, s.notes[i])
}

func (s *store) replace(w http.ResponseWriter, r *http.Request) {
	n, err := decode(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	switch {
	case i < 0:
		refuse(w, http.StatusNotFound, "no such note")
	case err != nil:
		refuse(w, http.StatusBadRequest, err.Error())
	default:
		n.ID = s.notes[i].ID
		s.notes[i] = n
		reply(w, http.StatusOK, n)
	}
}

func (s *store) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such note")
		return
	}
	s.notes = slices.Delete(s.notes, i, i+1)
	w.WriteHeader(http.StatusNoContent)
}

// find returns the index of the note that the path names, or -1. The caller holds the lock.
func (s *store) find(r *http.Request) int {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return -1
	}
	return slices.IndexFunc(s.notes, func(n note) bool { return n.ID == id })
}

// decode reads a note from the request's body.
func decode(r *http.Request) (note, error) {
	var n note
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		return note{}, errors.New("body is not a note")
	}
	n.Title = strings.TrimSpace(n.Title)
	if n.Title == "" {
		return note{}, errors.New("title is missing")
	}
	return n, nil
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status int, text string) {
	reply(w, status, map[string]string{"error": text})
}
