package tasks_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"apikit/tasks"
)

// call sends a request and checks the status and the JSON of the body: what is wanted, or an error's text.
func call(t *testing.T, h http.Handler, method, path, body string, status int, want string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	if rec.Code != status {
		t.Fatalf("%s %s %s = %d, want %d", method, path, body, rec.Code, status)
	}
	if status == 204 || status == 405 {
		return
	}
	if kind := rec.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("%s %s: Content-Type = %q", method, path, kind)
	}
	var got, expected any
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s %s: body %q is not JSON: %v", method, path, rec.Body, err)
	}
	if status >= 400 {
		reply, _ := got.(map[string]any)
		if text, _ := reply["error"].(string); text == "" {
			t.Errorf("%s %s: body %s does not name the error", method, path, rec.Body)
		}
		return
	}
	json.Unmarshal([]byte(want), &expected)
	if !reflect.DeepEqual(got, expected) {
		t.Errorf("%s %s: body = %s, want %s", method, path, rec.Body, want)
	}
}

// seeded returns a handler with two tasks.
func seeded(t *testing.T) http.Handler {
	t.Helper()
	h := tasks.New()
	call(t, h, "POST", "/tasks", `{"title":"wash"}`, 201, `{"id":1,"title":"wash","done":false}`)
	call(t, h, "POST", "/tasks", `{"title":" dry ","done":true}`, 201, `{"id":2,"title":"dry","done":true}`)
	return h
}

func TestCreate(t *testing.T) {
	h := seeded(t)
	for _, body := range []string{``, `{`, `{}`, `{"title":" "}`, `{"title":1}`, `{"title":"x","done":"yes"}`} {
		call(t, h, "POST", "/tasks", body, 400, "")
	}
	call(t, h, "POST", "/tasks", `{"title":"wash"}`, 201, `{"id":3,"title":"wash","done":false}`)
}

func TestList(t *testing.T) {
	call(t, tasks.New(), "GET", "/tasks", "", 200, `[]`)
	call(t, seeded(t), "GET", "/tasks", "", 200,
		`[{"id":1,"title":"wash","done":false},{"id":2,"title":"dry","done":true}]`)
}

func TestGet(t *testing.T) {
	h := seeded(t)
	call(t, h, "GET", "/tasks/2", "", 200, `{"id":2,"title":"dry","done":true}`)
	for _, id := range []string{"0", "3", "wash", "1x"} {
		call(t, h, "GET", "/tasks/"+id, "", 404, "")
	}
}

func TestUpdate(t *testing.T) {
	h := seeded(t)
	call(t, h, "PUT", "/tasks/1", `{"title":" rinse ","done":true}`, 200, `{"id":1,"title":"rinse","done":true}`)
	call(t, h, "GET", "/tasks/1", "", 200, `{"id":1,"title":"rinse","done":true}`)
	call(t, h, "PUT", "/tasks/2", `{"title":"dry"}`, 200, `{"id":2,"title":"dry","done":false}`)
	for _, body := range []string{`{`, `{"done":true}`, `{"title":"  "}`} {
		call(t, h, "PUT", "/tasks/1", body, 400, "")
	}
	call(t, h, "PUT", "/tasks/7", `{"title":"x"}`, 404, "")
	call(t, h, "GET", "/tasks", "", 200,
		`[{"id":1,"title":"rinse","done":true},{"id":2,"title":"dry","done":false}]`)
}

func TestDelete(t *testing.T) {
	h := seeded(t)
	call(t, h, "DELETE", "/tasks/2", "", 204, "")
	call(t, h, "DELETE", "/tasks/2", "", 404, "")
	call(t, h, "GET", "/tasks/2", "", 404, "")
	call(t, h, "PUT", "/tasks/2", `{"title":"x"}`, 404, "")
	call(t, h, "DELETE", "/tasks/1", "", 204, "")
	call(t, h, "GET", "/tasks", "", 200, `[]`)
	call(t, h, "POST", "/tasks", `{"title":"iron"}`, 201, `{"id":3,"title":"iron","done":false}`)
}

func TestMethods(t *testing.T) {
	h := seeded(t)
	call(t, h, "PUT", "/tasks", `{"title":"x"}`, 405, "")
	call(t, h, "DELETE", "/tasks", "", 405, "")
	call(t, h, "POST", "/tasks/1", `{"title":"x"}`, 405, "")
	call(t, h, "PATCH", "/tasks/1", `{"title":"x"}`, 405, "")
}
