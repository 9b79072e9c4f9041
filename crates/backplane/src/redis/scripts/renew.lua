-- KEYS: leases, what replicas say of themselves. ARGV: replica, milliseconds, what it says. Gives 1 where the lease went on.
local now_ms = math.floor(clock() / 1000)
local standing = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
redis.call('ZADD', KEYS[1], whole(now_ms + tonumber(ARGV[2])), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return standing > now_ms and 1 or 0
