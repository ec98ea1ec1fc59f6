--[[ heartbeat: renews a node, with its health and the jobs that it runs, or with a chunk of them.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] expiry  sorted set  node id -> expires_at_ms
KEYS[4] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[5] node    hash        status, incarnation, heartbeat_seq, heartbeat_chunk, metrics, health_milli, expires_at_ms, version
KEYS[6] jobs    sorted set  job id -> lease deadline, ms
ARGV[1] now_ms         integer  or empty: the server's clock
ARGV[2] partitions     integer  1..4096
ARGV[3] feed_max       integer  1..1000000
ARGV[4] node           id       1..256 bytes
ARGV[5] incarnation    version  1..64 bytes: the life that speaks
ARGV[6] seq            integer  0..999999999999999, grows within a life
ARGV[7] chunk          integer  0..199, grows within a seq
ARGV[8] ttl_ms         integer  1..86400000, jitter included
ARGV[9] lease_ms       integer  1..86400000
ARGV[10] health_milli  integer  0..1000, thousandths of the health score
ARGV[11] cpu           metric   0..1000000000, or empty: not known
ARGV[12] gpu           metric   likewise
ARGV[13] memory        metric   likewise
ARGV[14] load          metric   likewise
ARGV[15] latency_ms    metric   likewise
ARGV[16] error_rate    metric   likewise
ARGV[17..] running     ids      at most 500 jobs
Returns {'renewed', version, job...} with the running jobs that the store does not know
      | {'already', version} | {'stale', version} | {'unknown_node', version} | {'not_online', version}
      | {'superseded', version, incarnation} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by seq and chunk: a retry answers 'already' and writes nothing
Keeps       N1 neither an older heartbeat nor one of a former life writes    V1 a version only for a health that moved by 50 or more ]]
local SCRIPT = 'heartbeat'
--@include arguments
--@include log
--@include leases
--@include alone
--@include heartbeat

check_call()
return heartbeat(KEYS, ARGV)
