package main

import (
	"sync"
	"time"
)

// Errors that say nothing about the next call: neither the mode nor the writes of others depend on them (docs/modes.md).
var ofOneCall = map[string]bool{"readonly": true, "out_of_memory": true, "denied": true}

// The mode of an instance, and whether it sends writes. The calls of all goroutines decide it.
type gate struct {
	mutex       sync.Mutex
	ms          func(setting string) time.Duration
	now         string
	sendsWrites bool
	hasMissed   bool
	misses      int
	relapses    int
	leftAt      time.Time
	cameAt      time.Time
	answeredAt  time.Time
}

func newGate(ms func(setting string) time.Duration) *gate {
	return &gate{ms: ms, now: "local_only", sendsWrites: true, leftAt: time.Now(), answeredAt: time.Now()}
}

func (g *gate) mode() string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.now
}

func (g *gate) isOpen() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.sendsWrites
}

func (g *gate) missCount() int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.misses
}

func (g *gate) answered() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.answeredAt, g.hasMissed = time.Now(), false
}

// Ends the mode `normal`. One late read stops no write; a second miss in a row does, and any other failure.
func (g *gate) missed(isLateRead bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.now == "normal" {
		g.relapses++
		if time.Since(g.cameAt) >= g.ms("calmAfter") {
			g.relapses = 0
		}
		g.now, g.leftAt = "l2_only", time.Now()
	}
	if g.hasMissed || !isLateRead {
		g.sendsWrites = false
	}
	g.hasMissed = true
	g.misses++
}

// @param isFollowed the answer is of the store that is followed
func (g *gate) probed(isFollowed bool) {
	g.answered()
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.sendsWrites = isFollowed
}

// How long it has to stay away yet.
func (g *gate) dwell() time.Duration {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.relapses == 0 {
		return 0
	}
	return time.Until(g.leftAt.Add(min(g.ms("dwell")<<min(g.relapses-1, 10), g.ms("dwellMax"))))
}

// Back to `normal`, unless there has been a miss since misses were counted.
func (g *gate) came(misses int) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.misses > misses {
		return false
	}
	g.now, g.cameAt, g.sendsWrites, g.hasMissed = "normal", time.Now(), true, false
	return true
}

// Whether it has been silent for so long, or what it holds is so old, that it is `local_only`.
func (g *gate) look(confirmedAt time.Time) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	since := g.answeredAt
	if g.leftAt.After(since) {
		since = g.leftAt
	}
	if time.Since(since) > g.ms("localOnlyAfter") || time.Since(confirmedAt) > g.ms("l2Ttl") {
		g.now = "local_only"
	}
}
