package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

type fields map[string]any

func (s *scheduler) ttl() int64 {
	return int64(s.settings["heartbeatTtl"] * (1 + s.settings["ttlSpread"]*(2*rand.Float64()-1)))
}

func said(reply []any, err error) (fields, error) {
	if err != nil {
		return nil, err
	}
	return fields{"outcome": reply[0], "version": version{reply[1].(string), reply[2].(int64)}}, nil
}

func (s *scheduler) register(ask *request) (fields, error) {
	expected, token := "", ask.Registration
	if ask.has["expected"] {
		if ask.Expected != nil {
			expected = *ask.Expected
		}
	} else if known := s.view.Load().nodes[*ask.Node]; known != nil {
		expected = known.Incarnation
	}
	if token == "" {
		token = fmt.Sprintf("%x", rand.Uint64())
	}
	offered, err := json.Marshal(offer{ask.Pools, ask.Languages, ask.Services})
	if err != nil {
		return nil, err
	}
	reply, err := s.write(register, *ask.Node, token, expected, *ask.MaxJobs, s.ttl(), offered)
	answer, err := said(reply, err)
	if err == nil {
		answer["incarnation"] = nil
		if incarnation := reply[3].(string); incarnation != "" {
			answer["incarnation"] = incarnation
		}
	}
	return answer, err
}

func (s *scheduler) heartbeat(ask *request) (fields, error) {
	s.heard.Store(*ask.Node, time.Now())
	args := []any{*ask.Incarnation, *ask.Seq, s.ttl(), int64(s.settings["lease"])}
	for _, job := range ask.Running {
		args = append(args, job)
	}
	return said(s.write(heartbeat, *ask.Node, args...))
}

func (s *scheduler) offline(ask *request) (fields, error) {
	incarnation := ""
	if ask.Incarnation != nil {
		incarnation = *ask.Incarnation
	}
	return said(s.write(offline, *ask.Node, incarnation, int64(s.settings["retention"])))
}

func (s *scheduler) reserve(ask *request) (fields, error) {
	lease := int64(s.settings["lease"])
	if ask.LeaseMs != nil {
		lease = int64(*ask.LeaseMs)
	}
	known := s.view.Load().nodes[*ask.Node]
	if s.flaw == "capacity-from-cache" && known != nil && known.CurrentJobs >= known.MaxJobs {
		return fields{"outcome": "full"}, nil
	}
	if s.flaw == "check-then-act" && known != nil {
		taken, err := s.writes.HGet(background, s.prefix+"node:"+*ask.Node, "jobs").Int64()
		if err == nil && taken >= known.MaxJobs {
			return fields{"outcome": "full"}, nil
		}
	}
	reply, err := s.write(reserve, *ask.Node, *ask.Job, lease)
	if err == nil {
		return said(reply, nil)
	}
	isOpen := !err.(*refused).definite
	switch {
	case s.flaw == "full-on-timeout":
		return fields{"outcome": "full"}, nil
	case s.flaw == "assume-reserved":
		return fields{"outcome": "reserved"}, nil
	case s.flaw == "retry-new-id" && isOpen:
		return said(s.run(background, s.writes, reserve, *ask.Node, *ask.Job+"-again", lease))
	}
	return nil, err
}

func (s *scheduler) complete(ask *request) (fields, error) {
	return said(s.write(complete, *ask.Node, *ask.Job, int64(s.settings["doneFor"]), int64(s.settings["doneMax"])))
}

func (s *scheduler) release(ask *request) (fields, error) {
	return said(s.write(release, *ask.Node, *ask.Job))
}

func (s *scheduler) get(ask *request) (fields, error) {
	view, mode := s.view.Load(), s.gate.mode()
	answer := fields{"found": false, "source": "l2", "age_ms": time.Since(view.confirmedAt).Milliseconds(), "stale": mode != "normal", "mode": s.shown(mode)}
	if known := view.nodes[*ask.Node]; known != nil {
		answer["found"], answer["content"], answer["status"], answer["version"] = true, known, known.Status, known.Version
		answer["current_jobs"], answer["max_jobs"] = known.CurrentJobs, known.MaxJobs
	}
	return answer, nil
}

func (s *scheduler) selectNodes(ask *request) (fields, error) {
	suited := []*content{}
	for _, node := range s.view.Load().nodes { // in a random order, so that instances do not herd
		suits := node.Status == "online" && node.CurrentJobs < node.MaxJobs && slices.Contains(node.Languages, pair{ask.Source, ask.Target})
		inPool := ask.Pool == nil || slices.Contains(node.Pools, *ask.Pool)
		lacks := func(service string) bool { return !slices.Contains(node.Services, service) }
		if suits && inPool && !slices.ContainsFunc(ask.Services, lacks) {
			suited = append(suited, node)
		}
	}
	slices.SortStableFunc(suited, func(a, b *content) int { return int(a.CurrentJobs*b.MaxJobs - b.CurrentJobs*a.MaxJobs) })
	suited = suited[:min(len(suited), int(*ask.Count))]
	names := []string{}
	for _, node := range suited {
		names = append(names, node.Node)
	}
	return fields{"nodes": names, "mode": s.shown(s.gate.mode()), "contents": suited}, nil
}

func (s *scheduler) shown(mode string) string {
	if s.flaw == "always-normal" {
		return "normal"
	}
	return mode
}

func (s *scheduler) status(ask *request) (fields, error) {
	view := s.view.Load()
	answer := fields{"mode": s.gate.mode(), "view": map[string]version{"0": view.version}}
	if ask.Contents {
		nodes := []*content{}
		for _, node := range view.nodes {
			nodes = append(nodes, node)
		}
		answer["contents"] = nodes
	}
	return answer, nil
}
