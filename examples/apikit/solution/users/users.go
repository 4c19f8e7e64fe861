// Package users serves a list of users.
package users

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// user is one user, as stored and as sent.
type user struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// store holds the users in the order of their creation.
type store struct {
	mu     sync.Mutex
	lastID int
	users  []user
}

// New returns the handler of /users, over a store of its own.
func New() http.Handler {
	s := &store{users: []user{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users", s.create)
	mux.HandleFunc("GET /users", s.list)
	mux.HandleFunc("GET /users/{id}", s.get)
	mux.HandleFunc("DELETE /users/{id}", s.remove)
	return mux
}

func (s *store) create(w http.ResponseWriter, r *http.Request) {
	var u user
	if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
		refuse(w, http.StatusBadRequest, "body is not a user")
		return
	}
	u.Name = strings.TrimSpace(u.Name)
	switch {
	case u.Name == "":
		refuse(w, http.StatusBadRequest, "name is missing")
		return
	case !strings.Contains(u.Email, "@"):
		refuse(w, http.StatusBadRequest, "email is malformed")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.users, func(other user) bool { return other.Email == u.Email }) {
		refuse(w, http.StatusConflict, "email is taken")
		return
	}
	s.lastID++
	u.ID = s.lastID
	s.users = append(s.users, u)
	reply(w, http.StatusCreated, u)
}

func (s *store) list(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, http.StatusOK, s.users)
}

func (s *store) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such user")
		return
	}
	reply(w, http.StatusOK, s.users[i])
}

func (s *store) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(r)
	if i < 0 {
		refuse(w, http.StatusNotFound, "no such user")
		return
	}
	s.users = slices.Delete(s.users, i, i+1)
	w.WriteHeader(http.StatusNoContent)
}

// find returns the index of the user that the path names, or -1. The caller holds the lock.
func (s *store) find(r *http.Request) int {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return -1
	}
	return slices.IndexFunc(s.users, func(u user) bool { return u.ID == id })
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status int, text string) {
	reply(w, status, map[string]string{"error": text})
}
