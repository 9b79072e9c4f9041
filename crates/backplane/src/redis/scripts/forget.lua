-- KEYS: leases, what replicas say of themselves, the replica's rooms. ARGV: replica
local until_ms = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
if until_ms > math.floor(clock() / 1000) or redis.call('SCARD', KEYS[3]) > 0 then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
