package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"apikit/api"
)

// call sends a request and checks the status and, unless want is empty, the JSON of the body.
func call(t *testing.T, h http.Handler, method, path, body string, status int, want string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	var got bytes.Buffer
	json.Compact(&got, rec.Body.Bytes())
	if rec.Code != status || want != "" && got.String() != want {
		t.Errorf("%s %s = %d %s, want %d %s", method, path, rec.Code, rec.Body, status, want)
	}
	if kind := rec.Header().Get("Content-Type"); want != "" && !strings.HasPrefix(kind, "application/json") {
		t.Errorf("%s %s: Content-Type = %q", method, path, kind)
	}
}

func TestMounted(t *testing.T) {
	h := api.New()
	call(t, h, "GET", "/health", "", 200, `{"status":"ok"}`)
	call(t, h, "POST", "/users", `{"name":"Ada","email":"a@b"}`, 201, "")
	call(t, h, "POST", "/tasks", `{"title":"wash"}`, 201, "")
	call(t, h, "POST", "/notes", `{"title":"Milk"}`, 201, "")
	for _, path := range []string{"/users/1", "/tasks/1", "/notes/1"} {
		call(t, h, "GET", path, "", 200, "")
		call(t, h, "DELETE", path, "", 204, "")
		call(t, h, "GET", path, "", 404, "")
	}
}

func TestStatus(t *testing.T) {
	h := api.New()
	call(t, h, "POST", "/users", `{"name":"Ada","email":"a@b"}`, 201, "")
	call(t, h, "POST", "/users", `{"name":"Bob","email":"a@b"}`, 409, "")
	call(t, h, "POST", "/tasks", `{}`, 400, "")
	call(t, h, "DELETE", "/health", "", 405, "")
	call(t, h, "DELETE", "/notes", "", 405, "")
}

func TestNotFound(t *testing.T) {
	for _, path := range []string{"/", "/nope", "/nope/1", "/userss", "/api/users"} {
		call(t, api.New(), "GET", path, "", 404, `{"error":"not found"}`)
		call(t, api.New(), "POST", path, "{}", 404, `{"error":"not found"}`)
	}
}

func TestOwnStore(t *testing.T) {
	a, b := api.New(), api.New()
	call(t, a, "POST", "/tasks", `{"title":"wash"}`, 201, "")
	call(t, b, "GET", "/tasks", "", 200, "[]")
	call(t, b, "GET", "/tasks/1", "", 404, "")
}
