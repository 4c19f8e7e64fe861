package health_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"apikit/health"
)

func do(method, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	health.New().ServeHTTP(rec, httptest.NewRequest(method, path, nil))
	return rec
}

func TestHealth(t *testing.T) {
	rec := do("GET", "/health")
	var got map[string]string
	err := json.Unmarshal(rec.Body.Bytes(), &got)
	if rec.Code != http.StatusOK || err != nil || len(got) != 1 || got["status"] != "ok" {
		t.Errorf("GET /health = %d %s", rec.Code, rec.Body)
	}
	if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("Content-Type = %q", got)
	}
}

func TestHealthMethod(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if rec := do(method, "/health"); rec.Code != 405 {
			t.Errorf("%s /health = %d, want 405", method, rec.Code)
		}
	}
}
