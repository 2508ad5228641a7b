package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	_ "modernc.org/sqlite"
)

// Store is the app's database.
type Store struct {
	db     *sql.DB
	table  string
	writer string
}

// open returns the database, made where there is none; a damaged one is refused as the apps refuse it.
func open(path, table, writer string) (*Store, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	var verdict string
	if err := db.QueryRow("PRAGMA quick_check").Scan(&verdict); err != nil {
		return nil, err
	}
	if verdict != "ok" {
		return nil, errors.New("database disk image is malformed: " + verdict)
	}
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS lab_writes (id INTEGER PRIMARY KEY AUTOINCREMENT, writer TEXT, at TEXT)",
		"CREATE TABLE IF NOT EXISTS lab_volume (id TEXT)",
		"CREATE TABLE IF NOT EXISTS ApiKeys (Id INTEGER PRIMARY KEY, Name TEXT, AccessToken TEXT)",
		fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (Id INTEGER PRIMARY KEY, Title TEXT)", table),
	} {
		if _, err := db.Exec(statement); err != nil {
			return nil, err
		}
	}
	return &Store{db, table, writer}, nil
}

// writeOn writes ten times a second until it is told to leave.
func (s *Store) writeOn(ctx context.Context) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for count := 0; ; count++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		at := time.Now().UTC().Format(time.RFC3339Nano)
		done, err := s.db.Exec("INSERT INTO lab_writes (writer, at) VALUES (?, ?)", s.writer, at)
		if err != nil {
			return err
		}
		if number, _ := done.LastInsertId(); count%10 == 0 {
			say("Debug", "write %d committed", number)
		}
	}
}

func (s *Store) count(table string) (int, error) {
	var number int
	err := s.db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&number)
	return number, err
}

func (s *Store) titles() ([]string, error) {
	rows, err := s.db.Query("SELECT Title FROM " + s.table + " ORDER BY Id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	titles := []string{}
	for rows.Next() {
		var title string
		if err := rows.Scan(&title); err != nil {
			return nil, err
		}
		titles = append(titles, title)
	}
	return titles, rows.Err()
}

func (s *Store) add(count int) error {
	have, err := s.count(s.table)
	for number := 1; err == nil && number <= count; number++ {
		_, err = s.db.Exec("INSERT INTO "+s.table+" (Title) VALUES (?)", fmt.Sprintf("Title %d", have+number))
	}
	return err
}

// copyTo writes a consistent copy while the database is in use.
func (s *Store) copyTo(path string) error {
	_, err := s.db.Exec("VACUUM INTO ?", path)
	return err
}

func (s *Store) close() error {
	return s.db.Close()
}
