-- KEYS: letters, their ids. ARGV: id, payload, most letters, most bytes
local id = 'id:' .. ARGV[1]
if redis.call('HEXISTS', KEYS[2], id) == 1 then
  return 0
end
local place, n, b = unpack(redis.call('HMGET', KEYS[2], 'l', 'n', 'b'))
place, n, b = tonumber(place or clock()) + 1, tonumber(n or 0) + 1, tonumber(b or 0) + #ARGV[2]
redis.call('XADD', KEYS[1], whole(place) .. '-0', 'i', ARGV[1], 'p', ARGV[2])
redis.call('HSET', KEYS[2], id, whole(place))
local gone = 0
while n > tonumber(ARGV[3]) or b > tonumber(ARGV[4]) do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  if not oldest then
    break
  end
  redis.call('XDEL', KEYS[1], oldest[1])
  redis.call('HDEL', KEYS[2], 'id:' .. oldest[2][2])
  n, b, gone = n - 1, b - #oldest[2][4], gone + 1
end
redis.call('HSET', KEYS[2], 'l', whole(place), 'n', n, 'b', b)
return gone
