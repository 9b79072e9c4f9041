-- KEYS: mailbox. ARGV: written through, trimmed through
local HEADER = 9
local l, t, w, b, v = unpack(redis.call('HMGET', KEYS[1], 'l', 't', 'w', 'b', 'v'))
if not l then
  return 0
end
l, t, w, b, v = tonumber(l), tonumber(t), tonumber(w), tonumber(b), tonumber(v)
local written, trimmed = math.min(tonumber(ARGV[1]), l), math.min(tonumber(ARGV[2]), l)
written = math.max(written, trimmed)
while w < written do
  w = w + 1
  v = v + redis.call('HSTRLEN', KEYS[1], w) - HEADER
end
while t < trimmed do
  t = t + 1
  local size = redis.call('HSTRLEN', KEYS[1], t) - HEADER
  redis.call('HDEL', KEYS[1], t)
  b, v = b - size, v - size
end
redis.call('HSET', KEYS[1], 't', t, 'w', w, 'b', b, 'v', v)
return 1
