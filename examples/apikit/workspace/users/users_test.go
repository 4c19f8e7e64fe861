package users_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"apikit/users"
)

const (
	ada = `{"id":1,"name":"Ada","email":"ada@example.com"}`
	bob = `{"id":2,"name":"Bob","email":"bob@example.com"}`
)

// do sends a request, checks the status and returns the body.
func do(t *testing.T, h http.Handler, method, path, body string, status int) string {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	if rec.Code != status {
		t.Fatalf("%s %s %s = %d, want %d", method, path, body, rec.Code, status)
	}
	if status != 204 && status != 405 {
		if kind := rec.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
			t.Errorf("%s %s: Content-Type = %q", method, path, kind)
		}
	}
	return strings.TrimSpace(rec.Body.String())
}

// fail sends a request that must be refused with the status and with a text under "error".
func fail(t *testing.T, h http.Handler, method, path, body string, status int) {
	t.Helper()
	var reply struct{ Error string }
	got := do(t, h, method, path, body, status)
	if err := json.Unmarshal([]byte(got), &reply); err != nil || reply.Error == "" {
		t.Errorf("%s %s: body %q does not name the error", method, path, got)
	}
}

// want compares two JSON texts by value.
func want(t *testing.T, got, expected string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatalf("body %q is not JSON: %v", got, err)
	}
	json.Unmarshal([]byte(expected), &b)
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if string(x) != string(y) {
		t.Errorf("body = %s, want %s", got, expected)
	}
}

// seeded returns a handler that knows Ada and Bob.
func seeded(t *testing.T) http.Handler {
	t.Helper()
	h := users.New()
	want(t, do(t, h, "POST", "/users", `{"name":"Ada","email":"ada@example.com"}`, 201), ada)
	want(t, do(t, h, "POST", "/users", `{"name":" Bob ","email":"bob@example.com"}`, 201), bob)
	return h
}

func TestCreate(t *testing.T) {
	seeded(t)
	want(t, do(t, users.New(), "POST", "/users", `{"id":9,"name":"Cy","email":"c@d"}`, 201),
		`{"id":1,"name":"Cy","email":"c@d"}`)
}

func TestCreateInvalid(t *testing.T) {
	h := users.New()
	for _, body := range []string{
		``, `{`, `[]`, `"Ada"`, `{"name":7,"email":"a@b"}`, `{"name":"Ada","email":true}`, `{}`,
		`{"email":"a@b"}`, `{"name":"  ","email":"a@b"}`, `{"name":"Ada"}`, `{"name":"Ada","email":"ada"}`,
	} {
		fail(t, h, "POST", "/users", body, 400)
	}
	want(t, do(t, h, "GET", "/users", "", 200), `[]`)
	want(t, do(t, h, "POST", "/users", `{"name":"Ada","email":"ada@example.com"}`, 201), ada)
}

func TestCreateConflict(t *testing.T) {
	h := seeded(t)
	fail(t, h, "POST", "/users", `{"name":"Eve","email":"ada@example.com"}`, 409)
	fail(t, h, "POST", "/users", ada, 409)
	want(t, do(t, h, "GET", "/users", "", 200), `[`+ada+`,`+bob+`]`)
	want(t, do(t, h, "POST", "/users", `{"name":"Ada","email":"ada@example.org"}`, 201),
		`{"id":3,"name":"Ada","email":"ada@example.org"}`)
}

func TestList(t *testing.T) {
	want(t, do(t, users.New(), "GET", "/users", "", 200), `[]`)
	h := seeded(t)
	want(t, do(t, h, "GET", "/users", "", 200), `[`+ada+`,`+bob+`]`)
	want(t, do(t, users.New(), "GET", "/users", "", 200), `[]`)
}

func TestGet(t *testing.T) {
	h := seeded(t)
	want(t, do(t, h, "GET", "/users/2", "", 200), bob)
	want(t, do(t, h, "GET", "/users/1", "", 200), ada)
}

func TestUnknown(t *testing.T) {
	h := seeded(t)
	for _, id := range []string{"3", "0", "-1", "ada", "1x"} {
		fail(t, h, "GET", "/users/"+id, "", 404)
		fail(t, h, "DELETE", "/users/"+id, "", 404)
	}
}

func TestDelete(t *testing.T) {
	h := seeded(t)
	if got := do(t, h, "DELETE", "/users/1", "", 204); got != "" {
		t.Errorf("DELETE: body = %q, want none", got)
	}
	fail(t, h, "GET", "/users/1", "", 404)
	fail(t, h, "DELETE", "/users/1", "", 404)
	want(t, do(t, h, "GET", "/users", "", 200), `[`+bob+`]`)
}

func TestDeletedStaysGone(t *testing.T) {
	h := seeded(t)
	do(t, h, "DELETE", "/users/2", "", 204)
	want(t, do(t, h, "POST", "/users", `{"name":"Bob","email":"bob@example.com"}`, 201),
		`{"id":3,"name":"Bob","email":"bob@example.com"}`)
	fail(t, h, "GET", "/users/2", "", 404)
	want(t, do(t, h, "GET", "/users/3", "", 200), `{"id":3,"name":"Bob","email":"bob@example.com"}`)
}

func TestMethods(t *testing.T) {
	h := seeded(t)
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		do(t, h, method, "/users", ada, 405)
	}
	for _, method := range []string{"POST", "PUT", "PATCH"} {
		do(t, h, method, "/users/1", ada, 405)
	}
}
