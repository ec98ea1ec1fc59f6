--[[ release_job: a reservation is given back; the job may be reserved again, here or elsewhere.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[4] node    hash        current_jobs, version
KEYS[5] jobs    sorted set  job id -> lease deadline, ms
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] node        id       1..256 bytes
ARGV[5] job         id       1..256 bytes
Returns {'completed', version} | {'unknown', version} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by job id: a retry answers 'unknown' and writes nothing
Keeps       J1 current_jobs = |jobs| >= 0: derived, never decremented    V1 sequence grows by one ]]
local SCRIPT = 'release_job'
--@include arguments
--@include log
--@include leases
--@include alone
--@include release

check_call()
return release_job(KEYS, ARGV)
