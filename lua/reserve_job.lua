--[[ reserve_job: count one job against an online node that has room.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[4] node    hash        status, max_jobs, current_jobs, finished, version
KEYS[5] jobs    sorted set  job id -> lease deadline, ms
KEYS[6] done    sorted set  finished job id -> finishing order
ARGV[1] now_ms      integer  or empty: the server's clock
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] node        id       1..256 bytes
ARGV[5] job         id       1..256 bytes, unique, the same on every retry
ARGV[6] lease_ms    integer  1..86400000
ARGV[7] seen        integer  0..999999999999999: jobs finished on the node, as known when the place was first asked for
Returns {'reserved', version} | {'already', version} | {'full', version} | {'not_online', version} | {'finished', version}
      | {'finished_unknown', version, finished} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by job id: a retry answers 'already', or 'finished', and writes nothing
Keeps       J1 current_jobs = |jobs| >= 0    J2 current_jobs <= max_jobs    J3 no finished job comes back    V1 sequence grows by one ]]
local SCRIPT = 'reserve_job'
--@include arguments
--@include log
--@include alone
--@include reserve

check_call()
return reserve_job(KEYS, ARGV)
