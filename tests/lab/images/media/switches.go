package main

import (
	"bytes"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// switches adds what a test flips: POST /lab/break, /lab/mend, /lab/exit?code=, /lab/eat?mb=, /lab/items?count=,
// /lab/say?bytes=, and GET /lab/healthy, which probes ask.
func switches(mux *http.ServeMux, r *Running) {
	var broken atomic.Bool
	var lock sync.Mutex
	var eaten [][]byte
	number := func(request *http.Request, name string) int {
		value, _ := strconv.Atoi(request.URL.Query().Get(name))
		return value
	}
	mux.HandleFunc("GET /lab/healthy", func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			http.Error(w, "broken on request", http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusOK, object{"status": "OK"})
	})
	mux.HandleFunc("POST /lab/break", func(http.ResponseWriter, *http.Request) { broken.Store(true) })
	mux.HandleFunc("POST /lab/mend", func(http.ResponseWriter, *http.Request) { broken.Store(false) })
	mux.HandleFunc("POST /lab/exit", func(_ http.ResponseWriter, request *http.Request) {
		os.Exit(number(request, "code"))
	})
	mux.HandleFunc("POST /lab/eat", func(_ http.ResponseWriter, request *http.Request) {
		portion := bytes.Repeat([]byte{1}, number(request, "mb")<<20)
		lock.Lock()
		defer lock.Unlock()
		eaten = append(eaten, portion)
	})
	mux.HandleFunc("POST /lab/items", func(w http.ResponseWriter, request *http.Request) {
		if err := r.store.add(number(request, "count")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("POST /lab/say", func(_ http.ResponseWriter, request *http.Request) {
		line := string(bytes.Repeat([]byte("x"), 1000))
		for said := 0; said < number(request, "bytes"); said += len(line) {
			say("Trace", "%07d %s", said/len(line), line)
		}
	})
}
