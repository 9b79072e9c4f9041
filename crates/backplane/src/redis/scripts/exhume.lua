-- KEYS: letters, their ids. ARGV: id
local place, n, b = unpack(redis.call('HMGET', KEYS[2], 'id:' .. ARGV[1], 'n', 'b'))
if not place then
  return 0
end
local letter = redis.call('XRANGE', KEYS[1], place, place)[1]
redis.call('XDEL', KEYS[1], place)
redis.call('HDEL', KEYS[2], 'id:' .. ARGV[1])
redis.call('HSET', KEYS[2], 'n', n - 1, 'b', b - (letter and #letter[2][4] or 0))
return 1
