package main

import (
	"net/http"
	"strings"
)

func jellyfin(mux *http.ServeMux, r *Running) {
	public := object{
		"Id": "lab", "ServerName": "lab", "Version": r.version, "ProductName": "Jellyfin Server",
		"StartupWizardCompleted": true, "LocalAddress": "http://127.0.0.1:8096",
	}
	key := func(request *http.Request) string {
		_, token, _ := strings.Cut(request.Header.Get("Authorization"), `Token="`)
		token, _, _ = strings.Cut(token, `"`)
		return token
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := r.store.count(r.table); err != nil {
			http.Error(w, "Unhealthy", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("Healthy"))
	})
	mux.HandleFunc("GET /System/Info/Public", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, public)
	})
	mux.HandleFunc("GET /System/Info", keyed(r, key, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, public)
	}))
	mux.HandleFunc("GET /Sessions", keyed(r, key, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, []object{})
	}))
	mux.HandleFunc("GET /Items/Counts", keyed(r, key, func(w http.ResponseWriter, _ *http.Request) {
		count, err := r.store.count(r.table)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, object{"ItemCount": count})
	}))
}

func bazarr(mux *http.ServeMux, r *Running) {
	mux.HandleFunc("GET /api/system/ping", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, object{"status": "OK"})
	})
	mux.HandleFunc("GET /api/system/status", keyed(r, arrKey, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, object{"data": object{
			"bazarr_version": r.version, "bazarr_config_directory": r.config, "database_engine": "Sqlite",
			"start_time": float64(r.started.UnixNano()) / 1e9,
		}})
	}))
	mux.HandleFunc("GET /api/series", keyed(r, arrKey, func(w http.ResponseWriter, _ *http.Request) {
		titles, err := r.store.titles()
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		found := []object{}
		for _, title := range titles {
			found = append(found, object{"title": title})
		}
		answer(w, http.StatusOK, object{"data": found, "total": len(found)})
	}))
}
