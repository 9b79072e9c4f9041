-- KEYS: mailbox. ARGV: written through, trimmed through
local HEADER = 9
local l, t, w, b, v = unpack(redis.call('HMGET', KEYS[1], 'l', 't', 'w', 'b', 'v'))
if not l then
  return 0
end
l, t, w, b, v = tonumber(l), tonumber(t), tonumber(w), tonumber(b), tonumber(v)
local written, trimmed = math.min(tonumber(ARGV[1]), l), math.min(tonumber(ARGV[2]), l)

local gone = {}
local function drop()
  if #gone > 0 then
    redis.call('HDEL', KEYS[1], unpack(gone))
    gone = {}
  end
end
for offset = t + 1, trimmed do
  local size = redis.call('HSTRLEN', KEYS[1], offset) - HEADER
  b = b - size
  if offset <= w then
    v = v - size
  end
  gone[#gone + 1] = offset
  if #gone == 100 then
    drop()
  end
end
drop()
t, w = math.max(t, trimmed), math.max(w, trimmed)
for offset = w + 1, written do
  v = v + redis.call('HSTRLEN', KEYS[1], offset) - HEADER
end
redis.call('HSET', KEYS[1], 't', t, 'w', math.max(w, written), 'b', b, 'v', v)
return 1
