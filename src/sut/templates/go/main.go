// A scheduler behind the line protocol of Lockproof, level 0. Its keys and its script are its own.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed scheduler.lua
var source string

// The timeout of one call of Redis: a caller must not wait for a Redis that is gone.
const timeout = 200 * time.Millisecond

var about = map[string]any{
	"name": "my-scheduler", "version": "0.1.0",
	"capabilities": map[string]any{
		"ops":        []string{"register_node", "reserve_job", "complete_job"},
		"properties": []string{"J2", "J3", "J4", "D4"},
	},
}

type request struct {
	ID                      *int64
	Op, Redis, Namespace    string
	Settings                map[string]float64
	Node, Job, Registration string
	Expected                json.RawMessage // empty: any, null: no such node
	MaxJobs                 *int            `json:"max_jobs"`
	LeaseMs                 *int            `json:"lease_ms"`
}

// A refusal: nothing was sent to Redis, so nothing happened.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.message }

type scheduler struct {
	redis     *redis.Client
	script    *redis.Script
	namespace string
	leaseMs   int
}

func open(asked request) (*scheduler, error) {
	options, err := redis.ParseURL(asked.Redis)
	if err != nil {
		return nil, refusal{"invalid", err.Error()}
	}
	// No retries: a call that failed may have happened, and the caller decides what comes next.
	options.MaxRetries = -1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = timeout, timeout, timeout
	options.PoolTimeout = timeout
	client := redis.NewClient(options)
	lease := 60_000
	if given, ok := asked.Settings["lease"]; ok {
		lease = int(given)
	}
	s := &scheduler{client, redis.NewScript(source), asked.Namespace, lease}
	return s, client.Ping(context.Background()).Err()
}

func (s *scheduler) run(node string, args ...any) ([]string, error) {
	keys := []string{s.namespace + "node:" + node, s.namespace + "held:" + node, s.namespace + "finished:" + node}
	return s.script.Run(context.Background(), s.redis, keys, args...).StringSlice()
}

func (s *scheduler) perform(asked request) (map[string]any, error) {
	if len(asked.Node) < 1 || len(asked.Node) > 256 {
		return nil, refusal{"invalid", "node: allowed are 1 to 256 bytes of text"}
	}
	if asked.Op == "register_node" {
		return s.register(asked)
	}
	if len(asked.Job) < 1 || len(asked.Job) > 256 {
		return nil, refusal{"invalid", "job: allowed are 1 to 256 bytes of text"}
	}
	args := []any{"complete", asked.Job}
	if asked.Op == "reserve_job" {
		lease := s.leaseMs
		if asked.LeaseMs != nil {
			lease = *asked.LeaseMs
		}
		if lease < 1 || lease > 86_400_000 {
			return nil, refusal{"invalid", "lease_ms: allowed are 1 to 86400000"}
		}
		args = []any{"reserve", asked.Job, lease}
	}
	said, err := s.run(asked.Node, args...)
	if err != nil {
		return nil, err
	}
	return map[string]any{"outcome": said[0]}, nil
}

func (s *scheduler) register(asked request) (map[string]any, error) {
	if asked.MaxJobs == nil || *asked.MaxJobs < 0 || *asked.MaxJobs > 100_000 {
		return nil, refusal{"invalid", "max_jobs: allowed are 0 to 100000"}
	}
	expected := "*"
	if len(asked.Expected) > 0 {
		expected = ""
		if err := json.Unmarshal(asked.Expected, &expected); err != nil {
			return nil, refusal{"invalid", "expected: " + err.Error()}
		}
	}
	said, err := s.run(asked.Node, "register", asked.Registration, *asked.MaxJobs, expected)
	if err != nil {
		return nil, err
	}
	reply := map[string]any{"outcome": said[0], "incarnation": said[1]}
	if said[1] == "" {
		reply["incarnation"] = nil
	}
	return reply, nil
}

var writing sync.Mutex

func answer(id int64, said map[string]any, err error) {
	reply := map[string]any{"id": id, "ok": true}
	for field, value := range said {
		reply[field] = value
	}
	if err != nil {
		reply = map[string]any{"id": id, "error": wrong(err)}
	}
	line, _ := json.Marshal(reply)
	writing.Lock()
	defer writing.Unlock()
	fmt.Println(string(line))
}

func wrong(err error) map[string]any {
	var refused refusal
	if errors.As(err, &refused) {
		return map[string]any{"code": refused.code, "message": refused.message, "definite": true}
	}
	code := "disconnected" // it may have happened
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		code = "deadline"
	}
	return map[string]any{"code": code, "message": err.Error(), "definite": false}
}

func main() {
	var s *scheduler
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16_000_000)
	for lines.Scan() {
		var asked request
		err := json.Unmarshal(lines.Bytes(), &asked)
		if asked.ID == nil {
			fmt.Fprintf(os.Stderr, "no request: %.80q\n", lines.Bytes())
			continue
		}
		switch {
		case err != nil: // a field of a wrong type; the others were read
			answer(*asked.ID, nil, refusal{"invalid", err.Error()})
		case asked.Op == "init":
			s, err = open(asked)
			answer(*asked.ID, about, err)
		case asked.Op == "shutdown":
			answer(*asked.ID, nil, nil)
			return // calls in flight are given up
		case asked.Op != "register_node" && asked.Op != "reserve_job" && asked.Op != "complete_job":
			answer(*asked.ID, nil, refusal{"unsupported", "no operation " + asked.Op})
		case s == nil:
			answer(*asked.ID, nil, refusal{"not_ready", "init comes first"})
		default:
			go func(s *scheduler) {
				said, err := s.perform(asked)
				answer(*asked.ID, said, err)
			}(s)
		}
	}
}
