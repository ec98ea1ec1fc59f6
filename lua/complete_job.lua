--[[ complete_job: a job has ended; its place is free, and it is remembered as finished.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[4] node    hash        current_jobs, finished, version
KEYS[5] jobs    sorted set  job id -> lease deadline, ms
KEYS[6] done    sorted set  finished job id -> finishing order, about ms
ARGV[1] now_ms      integer  or empty: the server's clock
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] node        id       1..256 bytes
ARGV[5] job         id       1..256 bytes
ARGV[6] done_ms     integer  1..86400000: how long a finished job is remembered
ARGV[7] done_max    integer  1..100000: how many are remembered at most
Returns {'completed', version} | {'unknown', version} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by job id: a retry finds the job in done, answers 'completed' and writes nothing
Keeps       J1 current_jobs = |jobs| >= 0: derived, never decremented    V1 sequence grows by one ]]
local SCRIPT = 'complete_job'
--@include arguments
--@include log
--@include leases
--@include alone
--@include complete

check_call()
return complete_job(KEYS, ARGV)
