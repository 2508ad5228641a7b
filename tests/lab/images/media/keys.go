package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
)

var keyIn = map[string]struct {
	file    string
	pattern *regexp.Regexp
	write   func(key string) string
}{
	"arr": {"config.xml", regexp.MustCompile(`<ApiKey>(\w+)</ApiKey>`), func(key string) string {
		return "<Config>\n  <BindAddress>*</BindAddress>\n  <UrlBase></UrlBase>\n  <ApiKey>" + key + "</ApiKey>\n</Config>\n"
	}},
	"bazarr": {"config/config.yaml", regexp.MustCompile(`apikey: (\w+)`), func(key string) string {
		return "---\nauth:\n  apikey: " + key + "\n  type: null\ngeneral:\n  base_url: ''\n"
	}},
}

// apiKey returns the key that an app keeps where the real one does, made at the first start.
func apiKey(r *Running) (string, error) {
	if r.name == "jellyfin" {
		return jellyfinKey(r.store)
	}
	place, special := keyIn[r.name]
	if !special {
		place = keyIn["arr"]
	}
	path := filepath.Join(r.config, place.file)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if found := place.pattern.FindSubmatch(text); found != nil {
		return string(found[1]), nil
	}
	key := newKey()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return key, os.WriteFile(path, []byte(place.write(key)), 0o644)
}

func jellyfinKey(s *Store) (string, error) {
	var key string
	err := s.db.QueryRow("SELECT AccessToken FROM ApiKeys ORDER BY Id LIMIT 1").Scan(&key)
	if err == nil {
		return key, nil
	}
	key = newKey()
	_, err = s.db.Exec("INSERT INTO ApiKeys (Name, AccessToken) VALUES ('lab', ?)", key)
	return key, err
}

func newKey() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

// keyed answers 401 to who does not bring the key.
func keyed(r *Running, given func(*http.Request) string, inner http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		if given(request) != r.key {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner(w, request)
	}
}

func arrKey(request *http.Request) string {
	if key := request.Header.Get("X-Api-Key"); key != "" {
		return key
	}
	return request.URL.Query().Get("apikey")
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
