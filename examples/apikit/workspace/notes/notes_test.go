package notes_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"apikit/notes"
)

const (
	first  = `{"id":1,"title":"Milk","body":"two litres"}`
	second = `{"id":2,"title":"Call home","body":""}`
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

// seeded returns a handler with two notes, the second without a body.
func seeded(t *testing.T) http.Handler {
	t.Helper()
	h := notes.New()
	call(t, h, "POST", "/notes", `{"title":" Milk ","body":"two litres"}`, 201, first)
	call(t, h, "POST", "/notes", `{"title":"Call home"}`, 201, second)
	return h
}

func TestCreate(t *testing.T) {
	h := seeded(t)
	for _, body := range []string{``, `{`, `{}`, `{"body":"x"}`, `{"title":" "}`, `{"title":"x","body":1}`} {
		call(t, h, "POST", "/notes", body, 400, "")
	}
	call(t, h, "POST", "/notes", `{"title":"Spaces","body":" kept "}`, 201,
		`{"id":3,"title":"Spaces","body":" kept "}`)
}

func TestList(t *testing.T) {
	call(t, notes.New(), "GET", "/notes", "", 200, `[]`)
	call(t, seeded(t), "GET", "/notes", "", 200, `[`+first+`,`+second+`]`)
}

func TestGet(t *testing.T) {
	h := seeded(t)
	call(t, h, "GET", "/notes/1", "", 200, first)
	call(t, h, "GET", "/notes/2", "", 200, second)
	for _, id := range []string{"0", "3", "-1", "milk", "1x"} {
		call(t, h, "GET", "/notes/"+id, "", 404, "")
	}
}

func TestUpdate(t *testing.T) {
	h := seeded(t)
	call(t, h, "PUT", "/notes/2", `{"title":" Call ","body":"at six"}`, 200, `{"id":2,"title":"Call","body":"at six"}`)
	call(t, h, "PUT", "/notes/1", `{"title":"Milk"}`, 200, `{"id":1,"title":"Milk","body":""}`)
	for _, body := range []string{`{`, `{"body":"x"}`, `{"title":"\t"}`} {
		call(t, h, "PUT", "/notes/1", body, 400, "")
	}
	call(t, h, "PUT", "/notes/9", `{"title":"x"}`, 404, "")
	call(t, h, "GET", "/notes", "", 200,
		`[{"id":1,"title":"Milk","body":""},{"id":2,"title":"Call","body":"at six"}]`)
}

func TestDelete(t *testing.T) {
	h := seeded(t)
	call(t, h, "DELETE", "/notes/1", "", 204, "")
	call(t, h, "DELETE", "/notes/1", "", 404, "")
	call(t, h, "GET", "/notes/1", "", 404, "")
	call(t, h, "GET", "/notes", "", 200, `[`+second+`]`)
	call(t, h, "POST", "/notes", `{"title":"Milk","body":"one"}`, 201, `{"id":3,"title":"Milk","body":"one"}`)
}

func TestMethods(t *testing.T) {
	h := seeded(t)
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		call(t, h, method, "/notes", first, 405, "")
	}
	for _, method := range []string{"POST", "PATCH"} {
		call(t, h, method, "/notes/1", first, 405, "")
	}
}
