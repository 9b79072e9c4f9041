-- KEYS: outbox, its state. ARGV: places
local n, b = unpack(redis.call('HMGET', KEYS[2], 'n', 'b'))
n, b = tonumber(n or 0), tonumber(b or 0)
local settled = 0
for _, place in ipairs(ARGV) do
  local message = redis.call('XRANGE', KEYS[1], place, place)[1]
  if message then
    redis.call('XDEL', KEYS[1], message[1])
    n, b, settled = n - 1, b - #message[2][2], settled + 1
  end
end
if settled > 0 then
  redis.call('HSET', KEYS[2], 'n', n, 'b', b)
end
return settled
