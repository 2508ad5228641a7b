// Command media stands in for one of the five apps: a real SQLite database in WAL mode on its volume, the few answers
// that tell an app's state, and switches under /lab that a test can flip.
//
// Every start is written to starts.log in the volume, and the database is written to all the time, so that two writers
// at once, lost writes and a swapped volume can be proven afterwards.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// App is what differs between the apps.
type App struct {
	name     string
	port     string
	database string // path below the configuration folder
	table    string // of what the library counts
	routes   func(*http.ServeMux, *Running)
}

// Running is a started app.
type Running struct {
	App
	config  string
	key     string
	version string
	started time.Time
	store   *Store
}

var apps = map[string]App{
	"sonarr":   {"sonarr", "8989", "sonarr.db", "Series", servarr("v3", "series")},
	"radarr":   {"radarr", "7878", "radarr.db", "Movies", servarr("v3", "movie")},
	"prowlarr": {"prowlarr", "9696", "prowlarr.db", "Indexers", servarr("v1", "indexer")},
	"jellyfin": {"jellyfin", "8096", "data/jellyfin.db", "BaseItems", jellyfin},
	"bazarr":   {"bazarr", "6767", "db/bazarr.db", "table_shows", bazarr},
}

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	if len(os.Args) != 2 {
		log.Fatal("usage: media APP")
	}
	app, known := apps[os.Args[1]]
	if !known {
		log.Fatalf("no app %q", os.Args[1])
	}
	if err := run(app); err != nil {
		log.Printf("[Fatal] %s: %v", app.name, err)
		os.Exit(1)
	}
}

func run(app App) error {
	config := setting("CONFIG_DIR", "/config")
	running := &Running{App: app, config: config, version: setting("APP_VERSION", "0"), started: time.Now().UTC()}
	path := filepath.Join(config, app.database)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	writer, err := noteStart(config, running.started)
	if err != nil {
		return err
	}
	say("Info", "starting %s %s as %s", app.name, running.version, writer)
	if running.store, err = open(path, app.table, writer); err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	if running.key, err = apiKey(running); err != nil {
		return err
	}
	leaving, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- running.store.writeOn(leaving) }()

	mux := http.NewServeMux()
	app.routes(mux, running)
	switches(mux, running)
	server := &http.Server{Addr: ":" + setting("PORT", app.port), Handler: logged(mux)}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	say("Info", "listening on %s", server.Addr)
	select {
	case err := <-failed:
		return err
	case <-leaving.Done():
	}
	delay, _ := time.ParseDuration(setting("TERM_DELAY", "0s"))
	say("Info", "asked to leave, leaving in %v", delay)
	time.Sleep(delay)
	_ = server.Close()
	if err := running.store.close(); err != nil {
		return err
	}
	say("Info", "left")
	return nil
}

// noteStart appends to starts.log and returns who writes from now on.
func noteStart(config string, at time.Time) (string, error) {
	host, _ := os.Hostname()
	writer := fmt.Sprintf("%s/%d", host, at.UnixNano())
	file, err := os.OpenFile(filepath.Join(config, "starts.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, "%s start %s\n", at.Format(time.RFC3339Nano), writer)
	return writer, err
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func say(level, format string, parts ...any) {
	log.Printf("[%s] %s", level, fmt.Sprintf(format, parts...))
}

func logged(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ping" && r.URL.Path != "/health" && r.URL.Path != "/api/system/ping" {
			say("Debug", "%s %s", r.Method, r.URL.Path)
		}
		inner.ServeHTTP(w, r)
	})
}
