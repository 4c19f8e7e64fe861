// Package api joins the features to one server.
package api

import (
	"net/http"

	"apikit/health"
	"apikit/notes"
	"apikit/tasks"
	"apikit/users"
)

// New returns the handler of the whole API, over stores of its own.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", notFound)
	mux.Handle("/health", health.New())
	for path, feature := range map[string]http.Handler{
		"/notes": notes.New(),
		"/tasks": tasks.New(),
		"/users": users.New(),
	} {
		mux.Handle(path, feature)
		mux.Handle(path+"/{id}", feature)
	}
	return mux
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte(`{"error":"not found"}`))
}
