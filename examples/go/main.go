// A lock-free scheduler behind Lockproof's line protocol (docs/sut-protocol.md), with keys and scripts of its own: scripts.go.
//
// Writes are one call of a script each. Reads and selections are answered from a view in memory, which follows by asking every few
// milliseconds what has changed. `--flaw NAME` makes it wrong in one of the ways of docs/sut-matrix.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"os"
	"sync/atomic"
	"unicode/utf8"
)

var background = context.Background()

// An error of the line protocol. `definite`: the operation did not happen, and never will.
type refused struct {
	code     string
	message  string
	definite bool
}

func (r *refused) Error() string { return r.message }

type request struct {
	ID           *int64             `json:"id"`
	Op           string             `json:"op"`
	Redis        string             `json:"redis"`
	Namespace    string             `json:"namespace"`
	Settings     map[string]float64 `json:"settings"`
	Node         *string            `json:"node"`
	Job          *string            `json:"job"`
	LeaseMs      *float64           `json:"lease_ms"`
	Registration string             `json:"registration"`
	Expected     *string            `json:"expected"`
	MaxJobs      *int64             `json:"max_jobs"`
	offer
	Incarnation *string  `json:"incarnation"`
	Seq         *int64   `json:"seq"`
	Running     []string `json:"running"`
	Pool        *string  `json:"pool"`
	Source      string   `json:"source"`
	Target      string   `json:"target"`
	Count       *int64   `json:"count"`
	Contents    bool     `json:"contents"`
	has         map[string]bool
}

type operation struct {
	perform func(*scheduler, *request) (fields, error)
	needs   []string
}

var operations = map[string]operation{
	"register_node": {(*scheduler).register, []string{"node", "max_jobs", "pools", "languages", "services"}},
	"heartbeat":     {(*scheduler).heartbeat, []string{"node", "incarnation", "seq", "metrics", "running"}},
	"offline_node":  {(*scheduler).offline, []string{"node"}},
	"reserve_job":   {(*scheduler).reserve, []string{"node", "job"}},
	"complete_job":  {(*scheduler).complete, []string{"node", "job"}},
	"release_job":   {(*scheduler).release, []string{"node", "job"}},
	"get_node":      {(*scheduler).get, []string{"node"}},
	"select_nodes":  {(*scheduler).selectNodes, []string{"source", "target", "services", "count"}},
	"status":        {(*scheduler).status, nil},
}

var claims = []string{"J2", "J3", "J4", "N1", "N2", "N3", "N4", "D1", "D2", "D3", "D4", "D5", "D6", "V1", "V2", "S1", "B2"}

type server struct {
	flaw      string
	scheduler atomic.Pointer[scheduler]
	isOpening atomic.Bool
	replies   chan fields
}

func (s *server) perform(ask *request) (fields, error) {
	if ask.Op == "init" {
		if s.isOpening.Swap(true) {
			return nil, &refused{"invalid", "init comes once", true}
		}
		opened, err := open(s.flaw, ask)
		if err != nil {
			return nil, err
		}
		s.scheduler.Store(opened)
		ops := []string{}
		for op := range operations {
			ops = append(ops, op)
		}
		return fields{"name": "go example", "version": "1" + s.flaw, "capabilities": fields{"ops": ops, "properties": claims}}, nil
	}
	if ask.Op == "shutdown" {
		return fields{}, nil
	}
	op, isKnown := operations[ask.Op]
	if !isKnown {
		return nil, &refused{"unsupported", "no operation " + ask.Op, true}
	}
	opened := s.scheduler.Load()
	if opened == nil {
		return nil, &refused{"not_ready", "before init was answered", true}
	}
	for _, name := range op.needs {
		if !ask.has[name] {
			return nil, &refused{"invalid", name + " is missing", true}
		}
	}
	for _, id := range []*string{ask.Node, ask.Job} {
		if id != nil && ask.Op != "get_node" && (len(*id) == 0 || len(*id) > 256) {
			return nil, &refused{"invalid", "an id of 1 to 256 bytes is needed", true}
		}
	}
	for _, number := range []*int64{ask.MaxJobs, ask.Seq, ask.Count} {
		if number != nil && *number < 0 {
			return nil, &refused{"invalid", "a number below 0", true}
		}
	}
	return op.perform(opened, ask)
}

func (s *server) answer(line []byte) {
	var ask request
	var present map[string]json.RawMessage
	if !utf8.Valid(line) || json.Unmarshal(line, &present) != nil || json.Unmarshal(present["id"], &ask.ID) != nil || ask.ID == nil {
		s.replies <- fields{"id": nil, "error": fields{"code": "invalid", "message": "no request", "definite": true}}
		return
	}
	ask.has = map[string]bool{}
	for name := range present {
		ask.has[name] = true
	}
	var reply fields
	err := json.Unmarshal(line, &ask)
	if err != nil {
		err = &refused{"invalid", err.Error(), true}
	} else {
		reply, err = s.perform(&ask)
	}
	if problem, isRefused := err.(*refused); isRefused {
		reply = fields{"error": fields{"code": problem.code, "message": problem.message, "definite": problem.definite}}
	} else if err != nil {
		reply = fields{"error": fields{"code": "internal", "message": err.Error(), "definite": false}}
	} else {
		reply["ok"] = true
	}
	reply["id"] = *ask.ID
	s.replies <- reply
	if ask.Op == "shutdown" {
		close(s.replies)
	}
}

func (s *server) read() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 4_200_000)
	for lines.Scan() {
		if line := append([]byte{}, lines.Bytes()...); len(line) > 0 {
			go s.answer(line)
		}
	}
	os.Exit(0)
}

func main() {
	flaw := flag.String("flaw", "", "what it does wrong, of docs/sut-matrix.md")
	flag.Parse()
	s := &server{flaw: *flaw, replies: make(chan fields, 1_000)}
	go s.read()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for reply := range s.replies {
		if encoder.Encode(reply) != nil {
			os.Exit(1)
		}
	}
}
