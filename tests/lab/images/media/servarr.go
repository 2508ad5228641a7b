package main

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

type object = map[string]any

// servarr returns the routes of Sonarr, Radarr or Prowlarr.
func servarr(api, library string) func(*http.ServeMux, *Running) {
	return func(mux *http.ServeMux, r *Running) {
		base := "/api/" + api
		title := strings.ToUpper(r.name[:1]) + r.name[1:]
		route := func(pattern string, inner http.HandlerFunc) {
			method, path, _ := strings.Cut(pattern, " ")
			mux.HandleFunc(method+" "+base+path, keyed(r, arrKey, inner))
		}
		mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) {
			if _, err := r.store.count(r.table); err != nil {
				answer(w, http.StatusInternalServerError, object{"status": "Error"})
				return
			}
			answer(w, http.StatusOK, object{"status": "OK"})
		})
		route("GET /system/status", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, object{
				"appName": title, "instanceName": title, "version": r.version, "isDocker": true, "osName": "busybox",
				"databaseType": "sqLite", "databaseVersion": "3", "appData": r.config, "urlBase": "",
				"startTime": r.started.Format(time.RFC3339), "migrationVersion": 217,
			})
		})
		route("GET /health", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, []object{}) })
		route("GET /"+library, func(w http.ResponseWriter, _ *http.Request) {
			titles, err := r.store.titles()
			if err != nil {
				answer(w, http.StatusInternalServerError, object{"message": err.Error()})
				return
			}
			found := []object{}
			for number, title := range titles {
				found = append(found, object{"id": number + 1, "title": title, "name": title})
			}
			answer(w, http.StatusOK, found)
		})
		commands := &commands{running: r}
		route("POST /command", commands.begin)
		route("GET /command/{id}", commands.look)
		route("GET /system/backup", commands.backups)
	}
}

type commands struct {
	running *Running
	lock    sync.Mutex
	done    []object
}

func (c *commands) begin(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	if !strings.Contains(string(body), `"Backup"`) {
		answer(w, http.StatusBadRequest, object{"message": "only Backup is known here"})
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	id := len(c.done) + 1
	command := object{"id": id, "name": "Backup", "status": "completed", "result": "successful"}
	if err := c.running.backup(); err != nil {
		command["status"], command["result"], command["message"] = "failed", "unsuccessful", err.Error()
	}
	c.done = append(c.done, command)
	answer(w, http.StatusCreated, command)
}

func (c *commands) look(w http.ResponseWriter, request *http.Request) {
	c.lock.Lock()
	defer c.lock.Unlock()
	id, err := strconv.Atoi(request.PathValue("id"))
	if err != nil || id < 1 || id > len(c.done) {
		answer(w, http.StatusNotFound, object{"message": "NotFound"})
		return
	}
	answer(w, http.StatusOK, c.done[id-1])
}

func (c *commands) backups(w http.ResponseWriter, _ *http.Request) {
	found := []object{}
	paths, _ := filepath.Glob(filepath.Join(c.running.config, "Backups", "manual", "*.zip"))
	for number, path := range paths {
		about, err := os.Stat(path)
		if err != nil {
			continue
		}
		found = append(found, object{
			"id": number + 1, "name": filepath.Base(path), "path": "/backup/manual/" + filepath.Base(path),
			"type": "manual", "size": about.Size(), "time": about.ModTime().UTC().Format(time.RFC3339),
		})
	}
	answer(w, http.StatusOK, found)
}

// backup writes a zip of a copy of the database and of config.xml, as the apps do.
func (r *Running) backup() error {
	folder := filepath.Join(r.config, "Backups", "manual")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	copied := filepath.Join(folder, ".copy")
	defer os.Remove(copied)
	if err := r.store.copyTo(copied); err != nil {
		return err
	}
	name := fmt.Sprintf("%s_backup_v%s_%s.zip", r.name, r.version, time.Now().UTC().Format("2006.01.02_15.04.05.000"))
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	for inside, path := range map[string]string{r.database: copied, "config.xml": filepath.Join(r.config, "config.xml")} {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		part, err := archive.Create(inside)
		if err != nil {
			return err
		}
		if _, err := part.Write(content); err != nil {
			return err
		}
	}
	return archive.Close()
}
