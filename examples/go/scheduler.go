package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The documented defaults (docs/settings.md) of the settings that are heeded, in ms. A write waits for longer than theirs: it is a network call.
var defaults = map[string]float64{
	"heartbeatTtl": 15_000, "ttlSpread": 0.2, "lease": 60_000, "retention": 3_600_000, "doneFor": 600_000, "doneMax": 1_000,
	"sweepInterval": 1_000, "pulseInterval": 15, "probeInterval": 100, "probesInARow": 3, "localOnlyAfter": 10_000, "l2Ttl": 30_000,
	"calmAfter": 5_000, "dwell": 250, "dwellMax": 2_000, "writeDeadline": 150,
}

const (
	slice      = 5 * time.Millisecond
	mostPause  = 50 * time.Millisecond // no wake-up is heard, so this is how late a change is noticed, whatever pulseInterval says
	tickSlices = 5                     // with a pause of 15 ms before it, a pulse without an answer ends the mode `normal` within 50 ms
)

type pair struct {
	Source string `json:"source"`
	Target string `json:"target"`
}
type offer struct {
	Pools     []string `json:"pools"`
	Languages []pair   `json:"languages"`
	Services  []string `json:"services"`
}
type version struct {
	Epoch    string `json:"epoch"`
	Sequence int64  `json:"sequence"`
}
type content struct {
	Node        string  `json:"node"`
	Status      string  `json:"status"`
	Incarnation string  `json:"incarnation"`
	Version     version `json:"version"`
	MaxJobs     int64   `json:"max_jobs"`
	CurrentJobs int64   `json:"current_jobs"`
	HealthMilli int     `json:"health_milli"`
	offer
}

// The instance's view of the nodes. It is replaced, never changed, so that readers need no lock.
type view struct {
	version
	nodes       map[string]*content
	confirmedAt time.Time
}

type scheduler struct {
	flaw      string
	settings  map[string]float64
	prefix    string
	writes    *redis.Client
	watch     *redis.Client
	view      atomic.Pointer[view]
	gate      *gate
	abandoned map[string]bool
	heard     sync.Map
}

func open(flaw string, ask *request) (*scheduler, error) {
	s := &scheduler{flaw: flaw, settings: maps.Clone(defaults), prefix: ask.Namespace + "go:", abandoned: map[string]bool{}}
	maps.Copy(s.settings, ask.Settings)
	s.gate = newGate(s.ms)
	s.view.Store(&view{nodes: map[string]*content{}})
	for connections, client := range map[int]**redis.Client{64: &s.writes, 2: &s.watch} {
		options, err := redis.ParseURL(ask.Redis)
		if err != nil {
			return nil, &refused{"invalid", err.Error(), true}
		}
		options.MaxRetries, options.DialerRetries, options.PoolSize = -1, 1, connections
		options.ContextTimeoutEnabled, options.DisableIdentity = true, true
		options.DialTimeout, options.PoolTimeout = time.Second, time.Second
		options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
		*client = redis.NewClient(options)
	}
	ready := make(chan struct{})
	go s.follow(ready)
	go s.sweep()
	<-ready
	return s, nil
}

func (s *scheduler) ms(setting string) time.Duration {
	return time.Duration(s.settings[setting] * float64(time.Millisecond))
}

// Calls of scripts

func (s *scheduler) run(ctx context.Context, client *redis.Client, script *redis.Script, node string, args ...any) ([]any, error) {
	keys := []string{"clock", "changed", "due", "leases", "node:" + node, "jobs:" + node, "finished:" + node}
	for i := range keys {
		keys[i] = s.prefix + keys[i]
	}
	return script.Run(ctx, client, keys, append([]any{s.flaw, node}, args...)...).Slice()
}

// The first word of an error of Redis, where it says that the script has not run.
var refusals = map[string]string{"READONLY": "readonly", "LOADING": "loading", "BUSY": "busy", "OOM": "out_of_memory", "NOPERM": "denied"}

// Fails at once where Redis is known to be away. A call that was sent and not answered may have happened.
func (s *scheduler) write(script *redis.Script, node string, args ...any) ([]any, error) {
	if !s.gate.isOpen() && s.flaw != "writes-on" {
		return nil, &refused{"disconnected", "not sent: Redis is away", true}
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.ms("writeDeadline"))
	defer cancel()
	reply, err := s.run(ctx, s.writes, script, node, args...)
	if err == nil {
		s.gate.answered()
		return reply, nil
	}
	problem := &refused{"deadline", err.Error(), false}
	var answered redis.Error
	if errors.As(err, &answered) && !errors.Is(err, redis.Nil) {
		word, _, _ := strings.Cut(answered.Error(), " ")
		code, isKnown := refusals[word]
		problem = &refused{cmp.Or(code, "internal"), err.Error(), isKnown}
	}
	if !ofOneCall[problem.code] {
		s.missed(false)
	}
	return nil, problem
}

// Waits in slices, so that a pause of this process is not taken for one of Redis: what arrived meanwhile is read in the next slice.
func inSlices(slices int, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	for range slices {
		select {
		case err := <-done:
			return err
		case <-time.After(slice):
		}
	}
	return context.DeadlineExceeded
}

// The view

// Reads what has changed since the view, or all of it. Each node is read whole, with the version of its last change.
func (s *scheduler) load(ctx context.Context, isWhole bool) error {
	old, asked := s.view.Load(), time.Now()
	base := old.version
	if isWhole {
		base = version{}
	}
	reply, err := s.run(ctx, s.watch, since, "", base.Epoch, base.Sequence)
	if err != nil {
		return err
	}
	now := version{reply[1].(string), reply[2].(int64)}
	if s.abandoned[now.Epoch] || (now.Epoch == old.Epoch && now.Sequence < old.Sequence) {
		return nil
	}
	ids := reply[3].([]any)
	records := make([]*redis.SliceCmd, len(ids))
	if len(ids) > 0 {
		_, err = s.watch.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, id := range ids {
				key := s.prefix + "node:" + id.(string)
				records[i] = pipe.HMGet(ctx, key, "status", "incarnation", "epoch", "seq", "capacity", "jobs", "offer")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	nodes := map[string]*content{}
	if base.Epoch == now.Epoch || s.flaw == "goodbye-unheard" {
		nodes = maps.Clone(old.nodes)
	}
	for i, id := range ids {
		s.put(nodes, id.(string), records[i].Val())
	}
	if old.Epoch != "" && old.Epoch != now.Epoch {
		s.abandoned[old.Epoch] = true
	}
	if ctx.Err() == nil { // one that was given up is not waited for
		s.view.Store(&view{now, nodes, asked})
	}
	return ctx.Err()
}

func (s *scheduler) put(nodes map[string]*content, id string, record []any) {
	if record[0] == nil {
		delete(nodes, id)
		return
	}
	text := func(i int) string { return record[i].(string) }
	number := func(i int) int64 { n, _ := strconv.ParseInt(text(i), 10, 64); return n }
	if text(0) == "offline" && s.flaw == "goodbye-unheard" {
		return
	}
	node := &content{Node: id, Status: text(0), Incarnation: text(1), Version: version{text(2), number(3)}, MaxJobs: number(4), CurrentJobs: number(5), HealthMilli: 500}
	if json.Unmarshal([]byte(text(6)), &node.offer) == nil {
		nodes[id] = node
	}
}

// The mode

func (s *scheduler) missed(isLateRead bool) {
	if s.flaw != "never-degrades" {
		s.gate.missed(isLateRead)
	}
}

func (s *scheduler) follow(ready chan struct{}) {
	for {
		if s.gate.mode() == "normal" {
			time.Sleep(min(s.ms("pulseInterval"), mostPause))
			if err := inSlices(tickSlices, func(ctx context.Context) error { return s.load(ctx, false) }); err != nil {
				s.missed(errors.Is(err, context.DeadlineExceeded))
			} else {
				s.gate.answered()
			}
			continue
		}
		misses := s.gate.missCount()
		if err := s.probe(); err != nil {
			s.missed(errors.Is(err, context.DeadlineExceeded))
			s.gate.look(s.view.Load().confirmedAt)
			continue
		}
		if s.gate.came(misses) && ready != nil {
			close(ready)
			ready = nil
		}
	}
}

// Answers without an error once some probes in a row were answered, and all nodes were read.
func (s *scheduler) probe() error {
	isNew := s.view.Load().Epoch == ""
	for range int(s.settings["probesInARow"]) {
		if isNew {
			time.Sleep(slice)
		} else {
			time.Sleep(s.ms("probeInterval"))
		}
		isFollowed := false
		err := inSlices(tickSlices, func(ctx context.Context) error {
			followed := s.view.Load().version
			reply, err := s.run(ctx, s.watch, since, "", followed.Epoch, followed.Sequence)
			isFollowed = err == nil && reply[1] == followed.Epoch && reply[2].(int64) >= followed.Sequence
			return err
		})
		if err != nil {
			return err
		}
		s.gate.probed(isFollowed)
	}
	time.Sleep(s.gate.dwell())
	return inSlices(10*tickSlices, func(ctx context.Context) error { return s.load(ctx, true) })
}

// The sweep

// Any instance may do it at any time: the scripts decide by the clock of Redis what is due.
func (s *scheduler) sweep() {
	every, ttl, retention := s.settings["sweepInterval"], s.settings["heartbeatTtl"], int64(s.settings["retention"])
	for {
		time.Sleep(time.Duration(float64(s.ms("sweepInterval")) * (1 - rand.Float64()*s.settings["ttlSpread"])))
		reply, err := s.write(overdue, "", int64(max(5*every, ttl/2)), int64(ttl))
		if err != nil {
			continue
		}
		for _, node := range reply[3].([]any) {
			_, _ = s.write(expire, node.(string), "", retention, reply[1])
		}
		for _, lease := range reply[4].([]any) {
			var of [2]string
			if json.Unmarshal([]byte(lease.(string)), &of) == nil {
				_, _ = s.write(expire, of[0], of[1], retention, reply[1])
			}
		}
		if s.flaw == "own-clock" {
			s.heard.Range(func(node, at any) bool {
				if time.Since(at.(time.Time)) > s.ms("heartbeatTtl")/2 {
					_, _ = s.write(expire, node.(string), "", retention, reply[1], "forced")
				}
				return true
			})
		}
	}
}
