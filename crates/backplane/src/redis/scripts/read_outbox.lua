-- KEYS: outbox, its state. ARGV: first place, limit
local messages = {}
if ARGV[2] ~= '0' then
  messages = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
end
return {redis.call('HGET', KEYS[2], 'lost') or '0', messages}
